/** The order within each column: few crossings. Pure. */
import type { ISlot } from './layout';

const SWEEPS = 16;
/** Without a better order in so many sweeps, it is good enough. */
const PATIENCE = 4;

/** Reorders `rows` in place. Pauses after each sweep. */
export function* untangle(
  slots: readonly ISlot[],
  rows: number[][]
): Generator<undefined, void, undefined> {
  const place = new Int32Array(slots.length);
  const number = (row: readonly number[]): void =>
    row.forEach((slot, at) => {
      place[slot] = at;
    });
  firstOrder(slots, rows);
  rows.forEach(number);
  let best = rows.map(row => row.slice());
  let fewest = crossings(slots, rows, place);
  let since = 0;
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep += 1) {
    const onward = sweep % 2 === 0;
    const side = onward ? 'before' : 'after';
    const walk = onward ? rows : rows.slice().reverse();
    for (const row of walk) {
      sortByNeighbours(row, slots, place, side);
      number(row);
    }
    yield;
    const now = crossings(slots, rows, place);
    since = now < fewest ? 0 : since + 1;
    if (now < fewest) {
      fewest = now;
      best = rows.map(row => row.slice());
    }
    if (since >= PATIENCE) {
      break;
    }
  }
  best.forEach((row, index) => rows[index].splice(0, row.length, ...row));
}

/** As a walk from the left finds them, so that what hangs together starts together. */
function firstOrder(slots: readonly ISlot[], rows: number[][]): void {
  const seen = new Int32Array(slots.length).fill(-1);
  let count = 0;
  for (const row of rows) {
    for (const start of row) {
      const waiting = [start];
      while (waiting.length > 0) {
        const slot = waiting.pop() as number;
        if (seen[slot] < 0) {
          seen[slot] = count;
          count += 1;
          waiting.push(...slots[slot].after.slice().reverse());
        }
      }
    }
  }
  for (const row of rows) {
    row.sort((one, other) => seen[one] - seen[other]);
  }
}

function sortByNeighbours(
  row: number[],
  slots: readonly ISlot[],
  place: Int32Array,
  side: 'before' | 'after'
): void {
  const wish = new Map(
    row.map(slot => {
      const near = slots[slot][side];
      const sum = near.reduce((total, next) => total + place[next], 0);
      // What has no neighbour there stays where it is.
      return [slot, near.length > 0 ? sum / near.length : place[slot]];
    })
  );
  row.sort(
    (one, other) =>
      (wish.get(one) ?? 0) - (wish.get(other) ?? 0) || place[one] - place[other]
  );
}

/** How often edges between neighbouring columns cross (Barth, Jünger, Mutzel 2002). */
export function crossings(
  slots: readonly ISlot[],
  rows: readonly number[][],
  place: Int32Array
): number {
  let total = 0;
  for (let column = 1; column < rows.length; column += 1) {
    const ends: number[] = [];
    for (const slot of rows[column - 1]) {
      const heads = slots[slot].after.map(next => place[next]);
      ends.push(...heads.sort((one, other) => one - other));
    }
    total += inversions(ends, rows[column].length);
  }
  return total;
}

/** Pairs in the wrong order, counted with a Fenwick tree. */
function inversions(values: readonly number[], size: number): number {
  const tree = new Int32Array(size + 1);
  let total = 0;
  values.forEach((value, seen) => {
    let notAbove = 0;
    for (let at = value + 1; at > 0; at -= at & -at) {
      notAbove += tree[at];
    }
    total += seen - notAbove;
    for (let at = value + 1; at <= size; at += at & -at) {
      tree[at] += 1;
    }
  });
  return total;
}
