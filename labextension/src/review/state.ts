/** Which request the Review tab shows, and what its keys ask for. */
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ISharing, VoteKind } from '../tokens';
import { following, neighbour } from './queue';
import { Sendings } from './sending';

export type Wish = VoteKind | 'send';

export class ReviewState {
  /** Votes that are on their way. */
  readonly sendings = new Sendings();
  /** Whether the Review tab can be seen; whoever shows it says so. */
  isVisible = (): boolean => false;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _wished = new Signal<this, Wish>(this);
  private _current: string | null = null;
  private _said = '';
  /** The turn this person voted on, by request; until the server's list says so too. */
  private readonly voted = new Map<string, number>();

  constructor(private readonly model: ISharing) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** A key asked for a button, or to send. */
  get wished(): ISignal<this, Wish> {
    return this._wished;
  }

  get current(): string | null {
    return this._current ?? this.queue[0] ?? null;
  }

  /** What waits, without what was just voted on. */
  get queue(): string[] {
    return (this.model.review ?? [])
      .filter(each => this.voted.get(each.id) !== each.turn)
      .map(each => each.id);
  }

  /** The last thing done, for screen readers and the empty tab. */
  get said(): string {
    return this._said;
  }

  /** Whether a request is before the reviewer's eyes now. */
  shows(id: string): boolean {
    return this.isVisible() && this.current === id;
  }

  open(id: string | null): void {
    this._current = id;
    this._changed.emit();
  }

  step(by: 1 | -1): void {
    const next = neighbour(this.queue, this.current, by);
    if (next !== null) {
      this._said = '';
      this.open(next);
    }
  }

  canStep(by: 1 | -1): boolean {
    return neighbour(this.queue, this.current, by) !== null;
  }

  /** Stay with what is shown, whatever comes into the queue. */
  pin(): void {
    this._current = this.current;
  }

  /** After a vote: say it and go on, unless something else is being read by now. */
  decided(id: string, turn: number, said: string): void {
    const next = this.current === id ? following(this.queue, id) : this.current;
    this.voted.set(id, turn);
    this._said = said;
    this.open(next);
  }

  /** Another person looks now. */
  reset(): void {
    this.voted.clear();
    this._said = '';
    this.open(null);
  }

  wish(wish: Wish): void {
    this._wished.emit(wish);
  }
}
