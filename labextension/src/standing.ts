/** The words of the status bar: who I am, whether the log is whole, what waits. Pure. */
import { clock } from './time';
import type { IRequest, IStatus } from './tokens';
import type { ITrans } from './words';

export interface ISeen {
  status: IStatus | null;
  requests: IRequest[] | null;
  review: IRequest[] | null;
  failed: boolean;
}

/** “Ada (workshop) · log verified 12:04 · 2 to review”. */
export function standing(seen: ISeen, trans: ITrans): string {
  const { status, requests, review, failed } = seen;
  if (status === null) {
    return failed ? trans.__('Sharing is not available') : trans.__('Sharing…');
  }
  const { person, locked, ledger, mode } = status;
  if (!ledger.ok) {
    return trans.__('log does not match');
  }
  if (locked) {
    return trans.__('Sharing: locked');
  }
  if (person === null) {
    return trans.__('Sharing: not set up');
  }
  const parts = [
    mode === 'workshop' ? trans.__('%1 (workshop)', person.name) : person.name,
    ledger.verified_at
      ? trans.__('log verified %1', clock(ledger.verified_at))
      : trans.__('log not verified')
  ];
  const waiting = review?.length ?? 0;
  if (waiting > 0) {
    parts.push(trans._n('%1 to review', '%1 to review', waiting));
  }
  const asked = requests?.filter(each => each.state === 'returned').length ?? 0;
  if (asked > 0) {
    parts.push(trans._n('%1 question for you', '%1 questions for you', asked));
  }
  return parts.join(' · ');
}
