/** The pages of the log as one list. Pure. */
import type { IEvent, ILedgerState } from '../tokens';
import { clock, day } from '../time';
import type { ITrans } from '../words';

/** Both lists as one, newest first, each entry once. */
export function merged(old: IEvent[], fresh: IEvent[]): IEvent[] {
  const all = new Map<number, IEvent>();
  [...old, ...fresh].forEach(each => all.set(each.index, each));
  return [...all.values()].sort((one, other) => other.index - one.index);
}

/** Entries under the day they happened on. */
export function byDay(entries: IEvent[]): [string, IEvent[]][] {
  const days: [string, IEvent[]][] = [];
  for (const entry of entries) {
    const label = day(entry.at);
    const last = days[days.length - 1];
    if (last?.[0] === label) {
      last[1].push(entry);
    } else {
      days.push([label, [entry]]);
    }
  }
  return days;
}

/**
 * “842 entries, verified 12:04, unbroken since 3 Mar 2026.” Entries that came after the check are
 * never called verified: “845 entries, 842 of them verified 12:04, …”.
 */
export function verdict(
  ledger: ILedgerState,
  size: number,
  since: string | null,
  trans: ITrans
): string {
  if (!ledger.ok) {
    return [
      trans.__('The log does not match what was seen before.'),
      ledger.problem
    ]
      .filter(Boolean)
      .join(' ');
  }
  const all = Math.max(size, ledger.size);
  const parts = [trans._n('%1 entry', '%1 entries', all)];
  if (!ledger.verified_at) {
    parts.push(trans.__('not verified yet'));
  } else if (all > ledger.size) {
    const checked = String(ledger.size);
    const at = clock(ledger.verified_at);
    parts.push(trans.__('%1 of them verified %2', checked, at));
  } else {
    parts.push(trans.__('verified %1', clock(ledger.verified_at)));
  }
  if (since && ledger.verified_at) {
    parts.push(trans.__('unbroken since %1', day(since)));
  }
  return `${parts.join(', ')}.`;
}
