/** How high each box and bend stands, its order given: near its neighbours, none on another. Pure. */
import type { ISlot } from './layout';

const ROUNDS = 32;
/** Long edges are to be straight above all. */
const PULL = { bends: 8, mixed: 2, boxes: 1 };

type Gap = (above: ISlot, below: ISlot) => number;

/** The middle of each slot. Pauses after each round. */
export function* straighten(
  slots: readonly ISlot[],
  rows: readonly number[][],
  gap: Gap
): Generator<undefined, Float64Array, undefined> {
  const middle = new Float64Array(slots.length);
  const offsets = rows.map(row => offsetsOf(row, slots, gap));
  rows.forEach((row, column) => {
    const tall = offsets[column][row.length - 1] ?? 0;
    row.forEach((slot, at) => {
      middle[slot] = offsets[column][at] - tall / 2;
    });
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    const onward = round % 2 === 0;
    // The last rounds look to both sides.
    const sides: ('before' | 'after')[] =
      round >= ROUNDS - 2 ? ['before', 'after'] : [onward ? 'before' : 'after'];
    for (let step = 0; step < rows.length; step += 1) {
      const column = onward ? step : rows.length - 1 - step;
      settle(rows[column], offsets[column], slots, middle, sides);
    }
    yield;
  }
  return middle;
}

/** The least distance of each slot's middle from the first one's. */
function offsetsOf(
  row: readonly number[],
  slots: readonly ISlot[],
  gap: Gap
): number[] {
  let at = 0;
  return row.map((slot, index) => {
    if (index > 0) {
      const above = slots[row[index - 1]];
      const below = slots[slot];
      at += (above.height + below.height) / 2 + gap(above, below);
    }
    return at;
  });
}

/**
 * Moves one column to where its neighbours pull it, order and distances kept: least squares under
 * an order, by pooling adjacent violators (Ayer et al. 1955).
 */
function settle(
  row: readonly number[],
  offsets: readonly number[],
  slots: readonly ISlot[],
  middle: Float64Array,
  sides: readonly ('before' | 'after')[]
): void {
  const pools: { mean: number; weight: number; count: number }[] = [];
  row.forEach((slot, index) => {
    const { wish, weight } = pull(slot, slots, middle, sides);
    let pool = { mean: wish - offsets[index], weight, count: 1 };
    let last = pools[pools.length - 1];
    while (last && last.mean >= pool.mean) {
      pools.pop();
      const total = last.weight + pool.weight;
      pool = {
        mean: (last.mean * last.weight + pool.mean * pool.weight) / total,
        weight: total,
        count: last.count + pool.count
      };
      last = pools[pools.length - 1];
    }
    pools.push(pool);
  });
  let index = 0;
  for (const { mean, count } of pools) {
    for (let left = count; left > 0; left -= 1) {
      middle[row[index]] = mean + offsets[index];
      index += 1;
    }
  }
}

function pull(
  slot: number,
  slots: readonly ISlot[],
  middle: Float64Array,
  sides: readonly ('before' | 'after')[]
): { wish: number; weight: number } {
  let sum = 0;
  let weight = 0;
  for (const side of sides) {
    for (const next of slots[slot][side]) {
      const bends = Number(slots[slot].box < 0) + Number(slots[next].box < 0);
      const strength =
        bends === 2 ? PULL.bends : bends === 1 ? PULL.mixed : PULL.boxes;
      sum += strength * middle[next];
      weight += strength;
    }
  }
  // What nothing pulls stays, and gives way.
  return weight > 0
    ? { wish: sum / weight, weight }
    : { wish: middle[slot], weight: 0.01 };
}
