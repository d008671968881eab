/** What moves in the decision bar: the draft, its faults, sending exactly once. */
import * as React from 'react';

import { Problem } from '../api';
import { useAlive, useModel, useServices } from '../context';
import { validDays } from '../request/form';
import type {
  IRequestDetail,
  ISharing,
  IVoteDraft,
  Right,
  VoteKind
} from '../tokens';
import { shortRef } from '../words';
import type { ReviewState, Wish } from './state';

/** In the order of the buttons. */
export const VOTES: VoteKind[] = ['return', 'reject', 'approve'];

export interface IVoting {
  draft: IVoteDraft;
  days: number;
  right: Right;
  labels: Record<VoteKind, string>;
  fault: string | null;
  problem: Problem | null;
  sending: boolean;
  field: React.RefObject<HTMLTextAreaElement>;
  change: (draft: IVoteDraft) => void;
  possible: (vote: VoteKind) => boolean;
  send: (vote: VoteKind) => void;
}

export function useVoting(detail: IRequestDetail, state: ReviewState): IVoting {
  const { words, trans } = useServices();
  const model = useModel();
  const [draft, setDraft] = React.useState(() => model.draft(detail.id));
  const [fault, setFault] = React.useState<string | null>(null);
  const field = React.useRef<HTMLTextAreaElement>(null);
  const days = draft.days ?? firstDays(detail);
  const right = draft.right ?? detail.right;
  const { sending, problem, start } = useSending(detail, state, model);

  const change = (next: IVoteDraft): void => {
    setDraft(next);
    setFault(null);
    model.keepDraft(detail.id, next);
  };
  const possible = (vote: VoteKind): boolean =>
    vote !== 'approve' || detail.decision.allowed;
  const send = (vote: VoteKind): void => {
    const armed = { ...draft, vote };
    change(armed);
    const missing = draft.rationale.trim() === '';
    const most = detail.decision.max_days;
    if (missing) {
      setFault(trans.__('Write why. %1 will read it.', detail.person.name));
      field.current?.focus();
    } else if (
      vote === 'approve' &&
      (!validDays(days) || (most > 0 && days > most))
    ) {
      setFault(
        most > 0
          ? trans._n(
              'A whole number of days, at most %1.',
              'A whole number of days, at most %1.',
              most
            )
          : trans.__('A whole number of days, at least 1.')
      );
    } else if (possible(vote)) {
      start(vote, draft.rationale.trim(), days, right);
    }
  };
  useWishes(state, draft, change, send, field, () =>
    setFault(trans.__('First choose: Approve (a), Return (r) or Reject (x).'))
  );
  const labels = {
    approve: words.vote('approve').label,
    return: words.vote('return').label,
    reject: words.vote('reject').label
  };
  return {
    draft,
    days,
    right,
    labels,
    fault,
    problem,
    sending,
    field,
    change,
    possible,
    send
  };
}

function firstDays(detail: IRequestDetail): number {
  const most = detail.decision.max_days;
  return most > 0 ? Math.min(detail.days, most) : detail.days;
}

/** Sends a vote; a second press while one is on its way does nothing. */
function useSending(
  detail: IRequestDetail,
  state: ReviewState,
  model: ISharing
) {
  const { words, trans } = useServices();
  const alive = useAlive();
  const [sending, setSending] = React.useState(false);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const busy = React.useRef(false);

  const run = async (
    vote: VoteKind,
    rationale: string,
    days: number,
    right: Right
  ): Promise<void> => {
    const { id, ref, person } = detail;
    const given = vote === 'approve' ? { days, right } : {};
    try {
      await model.api.decide({ id, vote, rationale, ...given });
      model.keepDraft(id, null);
      state.decided(
        id,
        detail.turn,
        trans.__(
          'You %1 %2’s request for %3.',
          words.vote(vote).done,
          person.name,
          shortRef(ref)
        )
      );
      await model.refresh();
    } catch (thrown) {
      busy.current = false;
      if (alive()) {
        setProblem(Problem.of(thrown));
        setSending(false);
      }
    }
  };
  const start = (
    vote: VoteKind,
    rationale: string,
    days: number,
    right: Right
  ): void => {
    if (!busy.current) {
      busy.current = true; // stays so after success: this bar has done its work
      setSending(true);
      setProblem(null);
      void run(vote, rationale, days, right);
    }
  };
  return { sending, problem, start };
}

/** Keys: a, r, x choose and focus a button; Ctrl+Enter sends the chosen one. */
function useWishes(
  state: ReviewState,
  draft: IVoteDraft,
  change: (draft: IVoteDraft) => void,
  send: (vote: VoteKind) => void,
  field: React.RefObject<HTMLTextAreaElement>,
  nothingChosen: () => void
): void {
  React.useEffect(() => {
    const follow = (_: ReviewState, wish: Wish): void => {
      if (wish !== 'send') {
        change({ ...draft, vote: wish });
        field.current
          ?.closest('.wb-bar')
          ?.querySelector<HTMLElement>(`[data-wb="${wish}"]`)
          ?.focus();
      } else if (draft.vote === null) {
        nothingChosen();
      } else {
        send(draft.vote);
      }
    };
    state.wished.connect(follow);
    return () => {
      state.wished.disconnect(follow);
    };
  });
}
