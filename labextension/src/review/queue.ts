/** Moving through what waits, and comparing with what was asked before. Pure. */
import type { Words } from '../words';
import type { IAsked } from './changes';

/** The neighbour in the queue; the first when `current` is not in it; null past an end. */
export function neighbour(
  queue: string[],
  current: string | null,
  step: 1 | -1
): string | null {
  const at = current === null ? -1 : queue.indexOf(current);
  if (at < 0) {
    return queue[0] ?? null;
  }
  return queue[at + step] ?? null;
}

/** What opens once `decided` is gone: the next, else the one before, else nothing. */
export function following(queue: string[], decided: string): string | null {
  return neighbour(queue, decided, 1) ?? neighbour(queue, decided, -1);
}

export interface IDifference {
  name: string;
  was: string;
  is: string;
  same: boolean;
}

/** Field by field, what an earlier request said and what this one says. */
export function difference(
  earlier: IAsked,
  now: IAsked,
  words: Words
): IDifference[] {
  const t = words.trans;
  const row = (name: string, was: string, is: string): IDifference => ({
    name,
    was,
    is,
    same: was === is
  });
  return [
    row(
      t.__('Right'),
      words.right(earlier.right).label,
      words.right(now.right).label
    ),
    row(t.__('Period'), words.days(earlier.days), words.days(now.days)),
    row(
      t.__('Kind of purpose'),
      words.purpose(earlier.purpose.category).label,
      words.purpose(now.purpose.category).label
    ),
    row(t.__('Purpose'), earlier.purpose.text, now.purpose.text)
  ];
}
