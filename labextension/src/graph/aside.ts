/**
 * Layouts beside the page's own work: in a worker, or in slices where a page allows no worker.
 *
 * The worker is started from text, since there is no file to start it from in a cell.
 */
import type { ILayout, ILayoutInput } from './layout';
import { layingOut } from './layout';
import type { IAnswer, IQuestion } from './worker';

/** The part of a worker that is used. */
export interface IWorker {
  postMessage(question: IQuestion): void;
  terminate(): void;
  onmessage: ((event: { data: IAnswer }) => void) | null;
  onerror: ((event: { preventDefault?: () => void }) => void) | null;
}

/** A slice leaves time for a frame of 16 ms. */
const SLICE = 8;
/** A worker that did not answer for so long is taken for one that may not run. */
const SILENCE = 4000;

export class Aside {
  private worker: IWorker | null = null;
  private allowed = true;
  private asked = 0;
  /** What waits for the worker; null says that it will not answer. */
  private readonly waiting = new Map<
    number,
    (layout: ILayout | null) => void
  >();

  constructor(
    private readonly start: () => IWorker,
    private readonly silence = SILENCE
  ) {}

  lay(input: ILayoutInput): Promise<ILayout> {
    const worker = this.running();
    if (worker === null) {
      return inSlices(input);
    }
    this.asked += 1;
    const id = this.asked;
    return new Promise(resolve => {
      const timer = setTimeout(() => this.giveUp(), this.silence);
      this.waiting.set(id, layout => {
        clearTimeout(timer);
        this.waiting.delete(id);
        resolve(layout ?? inSlices(input));
      });
      worker.postMessage({ id, input });
    });
  }

  dispose(): void {
    this.giveUp();
  }

  private running(): IWorker | null {
    if (this.worker === null && this.allowed) {
      try {
        this.worker = this.start();
        this.worker.onmessage = ({ data }) =>
          this.waiting.get(data.id)?.(data.layout);
        this.worker.onerror = event => {
          event.preventDefault?.();
          this.giveUp();
        };
      } catch {
        this.allowed = false; // a content security policy may forbid it
      }
    }
    return this.worker;
  }

  /** From here on without a worker; what waits for it is done here instead. */
  private giveUp(): void {
    this.worker?.terminate();
    this.worker = null;
    this.allowed = false;
    for (const settle of [...this.waiting.values()]) {
      settle(null);
    }
  }
}

/** A worker that runs `text`. */
export function workerFrom(text: string): IWorker {
  const url = URL.createObjectURL(
    new Blob([text], { type: 'text/javascript' })
  );
  try {
    return new Worker(url) as IWorker;
  } finally {
    // Fetching has begun; the address is not needed any more once it did.
    setTimeout(() => URL.revokeObjectURL(url), SILENCE);
  }
}

/** The same work in slices, the page's own work between them. */
export async function inSlices(input: ILayoutInput): Promise<ILayout> {
  const work = layingOut(input);
  for (;;) {
    const end = performance.now() + SLICE;
    while (performance.now() < end) {
      const step = work.next();
      if (step.done) {
        return step.value;
      }
    }
    await new Promise(resolve => setTimeout(resolve));
  }
}
