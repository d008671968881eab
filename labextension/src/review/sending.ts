/** Votes on their way: they go on while the reviewer reads something else, and are cast once. */
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { Problem } from '../api';
import { Once } from '../once';
import type { VoteKind } from '../tokens';
import type { Work } from '../work';

export interface ISending {
  vote: VoteKind;
  /** For a marked copy, which takes long: what can be followed and cancelled. */
  work: Work | null;
}

interface IBallot {
  once: Once;
  sending: ISending | null;
  problem: Problem | null;
}

export class Sendings {
  private readonly _changed = new Signal<this, void>(this);
  private readonly ballots = new Map<string, IBallot>();

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What is on its way under this key. */
  of(key: string): ISending | null {
    return this.ballots.get(key)?.sending ?? null;
  }

  /** Why the last try under this key failed. */
  problem(key: string): Problem | null {
    return this.ballots.get(key)?.problem ?? null;
  }

  /** Send; nothing where one is on its way under this key or was sent. `act` may reject. */
  start(key: string, sending: ISending, act: () => Promise<void>): void {
    const ballot = this.ballots.get(key) ?? {
      once: new Once(),
      sending: null,
      problem: null
    };
    this.ballots.set(key, ballot);
    const run = async (): Promise<boolean> => {
      try {
        await act();
        ballot.sending = { ...sending, work: null }; // what was sent stays so
        return true;
      } catch (thrown) {
        ballot.problem = Problem.of(thrown);
        ballot.sending = null;
        return false;
      } finally {
        this._changed.emit();
      }
    };
    const started = ballot.once.start(() => {
      ballot.sending = sending;
      ballot.problem = null;
      return run();
    });
    if (started) {
      this._changed.emit();
    }
  }
}
