/** The state all views draw, kept fresh while the page is visible. */
import { Poll } from '@lumino/polling';
import { Signal } from '@lumino/signaling';

import type { Api } from './api';
import { Problem } from './api';
import type { ISight } from './moves';
import { moves } from './moves';
import type {
  ILedgerState,
  INotice,
  IRelease,
  IRequest,
  ISharing,
  IStatus,
  IVoteDraft
} from './tokens';
import type { Words } from './words';

const NO_DRAFT: IVoteDraft = {
  rationale: '',
  days: null,
  right: null,
  mark: false,
  vote: null
};

interface IAnswers {
  status: IStatus | null;
  catalogue: IRelease[] | null;
  requests: IRequest[] | null;
  review: IRequest[] | null;
  problem: Problem | null;
}

const NOTHING: IAnswers = {
  status: null,
  catalogue: null,
  requests: null,
  review: null,
  problem: null
};

export class SharingModel implements ISharing {
  readonly changed = new Signal<this, void>(this);
  readonly looked = new Signal<this, void>(this);
  readonly moved = new Signal<this, INotice[]>(this);
  defaultDays = 14;

  private answers: IAnswers = NOTHING;
  private sight: ISight | null = null;
  private readonly drafts = new Map<string, IVoteDraft>();
  private readonly poll: Poll;
  /** Grows with each act of the person; an answer asked for earlier is not shown. */
  private epoch = 0;

  constructor(
    readonly api: Api,
    private readonly words: Words,
    pollSeconds: number
  ) {
    this.poll = new Poll({
      name: '@sharing-workbench/labextension:poll',
      auto: true,
      factory: () => this.look(),
      frequency: frequency(pollSeconds),
      standby: 'when-hidden'
    });
  }

  get status(): IStatus | null {
    return this.answers.status;
  }

  get catalogue(): IRelease[] | null {
    return this.answers.catalogue;
  }

  get requests(): IRequest[] | null {
    return this.answers.requests;
  }

  get review(): IRequest[] | null {
    return this.answers.review;
  }

  get problem(): Problem | null {
    return this.answers.problem;
  }

  set pollSeconds(seconds: number) {
    this.poll.frequency = frequency(seconds);
  }

  async refresh(): Promise<void> {
    this.epoch += 1;
    try {
      await this.look();
    } catch {
      // Kept in `problem`, which the views show.
    }
  }

  async playAs(person: string): Promise<void> {
    await this.api.playAs(person);
    this.show({ ...NOTHING, status: this.answers.status });
    await this.refresh();
  }

  async unlock(passphrase: string): Promise<void> {
    await this.api.unlock(passphrase);
    await this.refresh();
  }

  async verifyLedger(): Promise<ILedgerState> {
    const ledger = await this.api.verifyLedger();
    if (this.answers.status) {
      this.show({
        ...this.answers,
        status: { ...this.answers.status, ledger }
      });
    }
    return ledger;
  }

  release(ref: string): IRelease | null {
    return this.catalogue?.find(each => each.ref === ref) ?? null;
  }

  request(id: string): IRequest | null {
    const known = [...(this.review ?? []), ...(this.requests ?? [])];
    return known.find(each => each.id === id) ?? null;
  }

  draft(id: string): IVoteDraft {
    return this.drafts.get(this.draftKey(id)) ?? NO_DRAFT;
  }

  keepDraft(id: string, draft: IVoteDraft | null): void {
    if (draft === null) {
      this.drafts.delete(this.draftKey(id));
    } else {
      this.drafts.set(this.draftKey(id), draft);
    }
  }

  dispose(): void {
    this.poll.dispose();
    Signal.clearData(this);
  }

  /** In the workshop two people may write about the same request. */
  private draftKey(id: string): string {
    return `${this.status?.person?.id ?? ''} ${id}`;
  }

  private async look(): Promise<void> {
    const epoch = this.epoch;
    const answers = await this.ask();
    if (epoch !== this.epoch) {
      return;
    }
    this.show(answers);
    this.looked.emit();
    if (answers.problem) {
      throw answers.problem; // lets the poll back off
    }
    this.compare(answers);
  }

  private async ask(): Promise<IAnswers> {
    let { status } = this.answers;
    try {
      status = await this.api.status();
      if (status.locked || status.person === null) {
        return { ...NOTHING, status };
      }
      const [catalogue, requests, review] = await Promise.all([
        this.api.catalogue(),
        this.api.requests(),
        this.api.review()
      ]);
      return { status, catalogue, requests, review, problem: null };
    } catch (thrown) {
      // What the server could still say, for example that the log does not match, is shown.
      return { ...this.answers, status, problem: Problem.of(thrown) };
    }
  }

  private show(answers: IAnswers): void {
    const same =
      JSON.stringify(answers) === JSON.stringify(this.answers) &&
      answers.problem?.message === this.answers.problem?.message;
    this.answers = answers;
    if (!same) {
      this.changed.emit();
    }
  }

  private compare({ status, catalogue, requests, review }: IAnswers): void {
    if (!status?.person || !catalogue || !requests || !review) {
      this.sight = null;
      return;
    }
    const sight = { viewer: status.person.id, catalogue, requests, review };
    const notices = this.sight ? moves(this.sight, sight, this.words) : [];
    this.sight = sight;
    if (notices.length > 0) {
      this.moved.emit(notices);
    }
  }
}

function frequency(seconds: number) {
  const interval = Math.max(2, seconds) * 1000;
  return { interval, backoff: true, max: 20 * interval };
}
