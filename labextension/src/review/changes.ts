/** What was asked before: on earlier turns of a request, and in earlier requests. Pure. */
import type { IEvent, IRequest, IRequestDetail } from '../tokens';
import { PURPOSES, RIGHTS } from '../words';

/** The part of a request that is compared. */
export type IAsked = Pick<IRequest, 'right' | 'purpose' | 'days'>;

export interface ITurn {
  asked: IAsked;
  at: string;
}

/** What this request said on each earlier turn, the latest first. */
export function earlierTurns(detail: IRequestDetail): ITurn[] {
  return detail.history
    .filter(
      event =>
        event.request === detail.id &&
        (event.kind === 'requested' || event.kind === 'resubmitted')
    )
    .sort((one, other) => other.index - one.index)
    .slice(1) // the latest is what is asked now
    .map(event => ({ asked: askedIn(event), at: event.at }))
    .filter((turn): turn is ITurn => turn.asked !== null);
}

/** The log keeps what was asked with the event; null where it cannot be read. */
function askedIn(event: IEvent): IAsked | null {
  const { right, days, purpose } = event.details;
  const known = RIGHTS.find(each => each === right);
  const category = PURPOSES.find(each => each === purpose);
  return known && category && typeof days === 'number'
    ? { right: known, days, purpose: { category, text: event.reason } }
    : null;
}
