/** Long work on the server: followed while it lasts, and called off. */
import { UUID } from '@lumino/coreutils';
import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { IWork } from './answers';
import type { Api } from './api';

const INTERVAL = 400; // milliseconds between two looks at how far it is

export class Work {
  /** What the server calls it. */
  readonly id = UUID.uuid4();
  private readonly _changed = new Signal<this, void>(this);
  private _now: IWork | null = null;
  private _cancelling = false;

  constructor(
    private readonly api: Pick<Api, 'work' | 'cancel'>,
    private readonly interval = INTERVAL
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** How far it is; null as long as the server has not begun. */
  get now(): IWork | null {
    return this._now;
  }

  /** Cancel was pressed, and the answer is not there yet. */
  get cancelling(): boolean {
    return this._cancelling;
  }

  /** Do it, and look how far it is until it is over. Rejects as `act` does. */
  async run<T>(act: (id: string) => Promise<T>): Promise<T> {
    const poll = new Poll({
      name: '@sharing-workbench/labextension:work',
      auto: true,
      factory: () => this.look(),
      frequency: { interval: this.interval, backoff: false }
    });
    try {
      return await act(this.id);
    } finally {
      poll.dispose();
      this._now = null;
      this._changed.emit();
    }
  }

  /** Ask the server to stop; what comes of it is what `run` answers. */
  async cancel(): Promise<void> {
    if (this._cancelling) {
      return;
    }
    this._cancelling = true;
    this._changed.emit();
    try {
      this._cancelling = await this.api.cancel(this.id);
    } catch {
      this._cancelling = false; // it can be pressed again
    }
    this._changed.emit();
  }

  private async look(): Promise<void> {
    const now = await this.api.work(this.id);
    if (JSON.stringify(now) !== JSON.stringify(this._now)) {
      this._now = now;
      this._changed.emit();
    }
  }
}
