/** What moves in the decision bar: the draft, its faults, sending exactly once. */
import * as React from 'react';

import { Problem } from '../api';
import { useAlive, useModel, useServices } from '../context';
import { Once } from '../once';
import type {
  IRequestDetail,
  ISharing,
  IVoteDraft,
  Right,
  VoteKind
} from '../tokens';
import { shortRef } from '../words';
import type { IChoice, IFault } from './limits';
import { faultOf, mostDays, possible } from './limits';
import type { ReviewState, Wish } from './state';

/** In the order of the buttons. */
export const VOTES: VoteKind[] = ['return', 'reject', 'approve'];

export interface IVoting {
  draft: IVoteDraft;
  days: number;
  right: Right;
  /** Whether an approval now is for a marked copy. */
  mark: boolean;
  labels: Record<VoteKind, string>;
  fault: IFault | null;
  problem: Problem | null;
  sending: boolean;
  fields: {
    rationale: React.RefObject<HTMLTextAreaElement>;
    days: React.RefObject<HTMLInputElement>;
  };
  change: (draft: IVoteDraft) => void;
  possible: (vote: VoteKind) => boolean;
  send: (vote: VoteKind) => void;
}

export function useVoting(detail: IRequestDetail, state: ReviewState): IVoting {
  const { words, trans } = useServices();
  const model = useModel();
  const [draft, setDraft] = React.useState(() => model.draft(detail.id));
  const [fault, setFault] = React.useState<IFault | null>(null);
  const fields = {
    rationale: React.useRef<HTMLTextAreaElement>(null),
    days: React.useRef<HTMLInputElement>(null)
  };
  const days = draft.days ?? mostDays(detail);
  const right = draft.right ?? detail.right;
  const mark = draft.mark && right === 'retrieve';
  const { sending, problem, start } = useSending(detail, state, model);

  const change = (next: IVoteDraft): void => {
    setDraft(next);
    setFault(null);
    model.keepDraft(detail.id, next);
  };
  const send = (vote: VoteKind): void => {
    change({ ...draft, vote });
    const choice = { rationale: draft.rationale.trim(), days, right, mark };
    const found = faultOf(vote, choice, detail, trans);
    if (found) {
      setFault(found);
      fields[found.field].current?.focus();
    } else if (possible(vote, choice, detail)) {
      start(vote, choice);
    }
  };
  useWishes(state, draft, change, send, fields.rationale, () =>
    setFault({
      field: 'rationale',
      text: trans.__('First choose: Approve (a), Return (r) or Reject (x).')
    })
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
    mark,
    labels,
    fault,
    problem,
    sending,
    fields,
    change,
    possible: vote => possible(vote, { days, right }, detail),
    send
  };
}

/** Sends a vote, once: after it succeeded, this bar has done its work. */
function useSending(
  detail: IRequestDetail,
  state: ReviewState,
  model: ISharing
) {
  const { words, trans } = useServices();
  const alive = useAlive();
  const [sending, setSending] = React.useState(false);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [once] = React.useState(() => new Once());

  const run = async (vote: VoteKind, choice: IChoice): Promise<boolean> => {
    const { id, ref, person } = detail;
    const { rationale, days, right, mark } = choice;
    const given =
      vote === 'approve' ? { days, right, ...(mark && { mark }) } : {};
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
      void model.refresh();
      return true;
    } catch (thrown) {
      if (alive()) {
        setProblem(Problem.of(thrown));
        setSending(false);
      }
      void model.refresh(); // somebody else may have decided meanwhile
      return false;
    }
  };
  const start = (vote: VoteKind, choice: IChoice): void => {
    if (once.start(() => run(vote, choice))) {
      setSending(true);
      setProblem(null);
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
