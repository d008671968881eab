/** What moves in the decision bar: the draft, its faults, sending exactly once. */
import * as React from 'react';

import { Notification } from '@jupyterlab/apputils';

import { Problem } from '../api';
import { CommandIDs } from '../commands';
import { useModel, useServices } from '../context';
import type {
  IRequestDetail,
  ISharing,
  IVoteDraft,
  Right,
  VoteKind
} from '../tokens';
import { Work } from '../work';
import { shortRef } from '../words';
import type { IChoice, IFault } from './limits';
import { faultOf, mostDays, possible } from './limits';
import type { ISending } from './sending';
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
  /** What is on its way; null while nothing is. */
  sending: ISending | null;
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
  const mark = draft.mark && right === 'retrieve' && detail.unmarkable === null;
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

/** Sends a vote, once; it goes on when the reviewer looks at something else meanwhile. */
function useSending(
  detail: IRequestDetail,
  state: ReviewState,
  model: ISharing
) {
  const { words, trans, commands } = useServices();
  const { sendings } = state;
  const who = model.status?.person?.id ?? '';
  const key = `${who} ${detail.id} ${detail.turn}`;
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    sendings.changed.connect(redraw);
    return () => {
      sendings.changed.disconnect(redraw);
    };
  }, [sendings]);

  const run = async (
    vote: VoteKind,
    choice: IChoice,
    work: Work | null
  ): Promise<void> => {
    const { id, ref, person } = detail;
    const { rationale, days, right, mark } = choice;
    const given =
      vote === 'approve' ? { days, right, ...(mark && { mark }) } : {};
    const ballot = { id, vote, rationale, ...given };
    const said = trans.__(
      'You %1 %2’s request for %3.',
      words.vote(vote).done,
      person.name,
      shortRef(ref)
    );
    try {
      await (work === null
        ? model.api.decide(ballot)
        : work.run(name => model.api.decide({ ...ballot, work: name })));
    } catch (thrown) {
      if (!state.shows(id)) {
        tellAway(Problem.of(thrown));
      }
      void model.refresh(); // somebody else may have decided meanwhile
      throw thrown;
    }
    const away = !state.shows(id);
    if ((model.status?.person?.id ?? '') === who) {
      model.keepDraft(id, null);
      state.decided(id, detail.turn, said);
    }
    if (away) {
      Notification.success(said, { autoClose: 8000 });
    }
    void model.refresh();
  };
  /** Tells a reviewer who looks at something else. */
  const tellAway = ({ message, unchanged }: Problem): void => {
    Notification.warning([message, unchanged].filter(Boolean).join(' '), {
      autoClose: false,
      actions: [
        {
          label: trans.__('Open'),
          caption: trans.__('Show the request'),
          displayType: 'link',
          callback: () =>
            void commands.execute(CommandIDs.openReview, { id: detail.id })
        }
      ]
    });
  };
  const start = (vote: VoteKind, choice: IChoice): void => {
    const long = vote === 'approve' && choice.mark;
    const work = long ? new Work(model.api) : null;
    sendings.start(key, { vote, work }, () => run(vote, choice, work));
  };
  return {
    sending: sendings.of(key),
    problem: sendings.problem(key),
    start
  };
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
