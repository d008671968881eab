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

/** “842 entries, verified 12:04, unbroken since 3 Mar 2026.” */
export function verdict(
  ledger: ILedgerState,
  since: string | null,
  trans: ITrans
): string {
  if (!ledger.ok) {
    return [
      trans.__('The log does not match what was seen before.'),
      ledger.problem,
      ledger.hint
    ]
      .filter(Boolean)
      .join(' ');
  }
  const parts = [trans._n('%1 entry', '%1 entries', ledger.size)];
  parts.push(
    ledger.verified_at
      ? trans.__('verified %1', clock(ledger.verified_at))
      : trans.__('not verified yet')
  );
  if (since && ledger.verified_at) {
    parts.push(trans.__('unbroken since %1', day(since)));
  }
  return `${parts.join(', ')}.`;
}

/** What kinds are called where nobody gave them a word: “request.granted” → “request granted”. */
export function kindWord(kind: string): string {
  return kind.replace(/[._-]+/g, ' ');
}
