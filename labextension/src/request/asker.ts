/** Asks while somebody types: after a pause, and only the last answer counts. Pure. */
import { Problem } from '../api';

export interface IAsked<T> {
  /** The last answer; kept while the next one is on its way. */
  answer: T | null;
  asking: boolean;
  problem: Problem | null;
}

const PAUSE = 300; // shorter than people notice, longer than between two keys

export class Asker<Q, T> {
  private state: IAsked<T> = { answer: null, asking: false, problem: null };
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Grows with each question; an answer to an earlier one is dropped. */
  private round = 0;

  constructor(
    private readonly ask: (question: Q) => Promise<T>,
    private readonly tell: (state: IAsked<T>) => void
  ) {}

  /** Ask this soon; null is what nothing can be asked about. */
  want(question: Q | null): void {
    this.stop();
    if (question === null) {
      this.enter({ answer: null, asking: false, problem: null });
      return;
    }
    const { round } = this;
    this.enter({ ...this.state, asking: true });
    this.timer = setTimeout(() => void this.send(question, round), PAUSE);
  }

  /** Nothing more is told until the next question. */
  stop(): void {
    clearTimeout(this.timer);
    this.round += 1;
  }

  private async send(question: Q, round: number): Promise<void> {
    let next: IAsked<T>;
    try {
      const answer = await this.ask(question);
      next = { answer, asking: false, problem: null };
    } catch (thrown) {
      next = { answer: null, asking: false, problem: Problem.of(thrown) };
    }
    if (round === this.round) {
      this.enter(next);
    }
  }

  private enter(state: IAsked<T>): void {
    this.state = state;
    this.tell(state);
  }
}
