/** What a reviewer may allow, and what stands against a vote. Pure. */
import { validDays } from '../request/form';
import type { IChange, IRequestDetail, Right, VoteKind } from '../tokens';
import type { ITrans } from '../words';

/** What the decision bar holds when a button is pressed. */
export interface IChoice {
  rationale: string;
  days: number;
  right: Right;
  mark: boolean;
}

export interface IFault {
  field: 'rationale' | 'days';
  text: string;
}

/** The longest period: what was asked for, or less where the policy says so. */
export function mostDays(detail: IRequestDetail): number {
  const { max_days } = detail.decision;
  return max_days > 0 ? Math.min(detail.days, max_days) : detail.days;
}

/**
 * Whether a button can be pressed. What was asked for may be denied and yet one of the policy's
 * own alternatives approved; turning down is always possible.
 */
export function possible(
  vote: VoteKind,
  choice: Pick<IChoice, 'days' | 'right'>,
  detail: IRequestDetail
): boolean {
  const { allowed, alternatives } = detail.decision;
  return (
    vote !== 'approve' ||
    allowed ||
    alternatives.some(({ change }) => within(change, choice, detail))
  );
}

function within(
  change: IChange,
  choice: Pick<IChoice, 'days' | 'right'>,
  detail: IRequestDetail
): boolean {
  return (
    choice.right === (change.right ?? detail.right) &&
    choice.days <= (change.days ?? detail.days)
  );
}

/** The first thing that stands against sending; null when nothing does. */
export function faultOf(
  vote: VoteKind,
  choice: IChoice,
  detail: IRequestDetail,
  trans: ITrans
): IFault | null {
  if (choice.rationale.trim() === '') {
    return {
      field: 'rationale',
      text: trans.__('Write why. %1 will read it.', detail.person.name)
    };
  }
  const most = mostDays(detail);
  if (vote === 'approve' && (!validDays(choice.days) || choice.days > most)) {
    return {
      field: 'days',
      text: trans._n(
        'A whole number of days, at most %1.',
        'A whole number of days, at most %1.',
        most
      )
    };
  }
  return null;
}
