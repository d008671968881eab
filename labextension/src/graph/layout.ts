/**
 * Places boxes in columns from left to right (Sugiyama, Tagawa, Toda 1981). Pure.
 *
 * Columns by the longest way from the left; long edges get a bend in each column they cross;
 * orders by medians of neighbours, the one with the fewest crossings is kept; heights by least
 * squares. Everything is bounded by the input, which is at most some 200 boxes. The work pauses
 * (`yield`) often, so that it can also run in slices where no worker is allowed.
 */
import { straighten } from './heights';
import { untangle } from './order';

export interface ILayoutInput {
  sizes: [width: number, height: number][];
  /** Pairs of boxes. */
  edges: [from: number, to: number][];
}

export interface IBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface ILayout {
  boxes: IBox[];
  /** For each edge its bends from left to right, as x, y, x, y …; the ends among them. */
  routes: number[][];
  /** Boxes by column, each from top to bottom. */
  columns: number[][];
  width: number;
  height: number;
}

/** A box or a bend, in its column. */
export interface ISlot {
  /** The box, or −1 for a bend. */
  box: number;
  column: number;
  height: number;
  before: number[];
  after: number[];
}

export const COLUMN_GAP = 44;
export const ROW_GAP = 16;
/** Between two edges that pass each other. */
const BEND_GAP = 10;
/** Beyond so many bends, an edge goes straight; only a very dense part gets there. */
const MOST_BENDS = 4000;
/** Boxes that nothing leads to or from stand in rows of so many. */
const LONERS_IN_ROW = 5;

export function* layingOut(
  input: ILayoutInput
): Generator<undefined, ILayout, undefined> {
  const { sizes, edges } = input;
  const column = columnsOf(sizes.length, edges);
  yield;
  const alone = lonersOf(sizes.length, edges);
  const { slots, chains } = slotsOf(input, column, alone);
  const rows = rowsOf(slots);
  yield* untangle(slots, rows);
  const middle = yield* straighten(slots, rows, gap);
  const across = columnEdges(slots, rows, sizes);
  return placed(input, { slots, chains, rows, middle, across, alone });
}

/** To the end at once. */
export function layOut(input: ILayoutInput): ILayout {
  const work = layingOut(input);
  for (;;) {
    const step = work.next();
    if (step.done) {
      return step.value;
    }
  }
}

function gap(above: ISlot, below: ISlot): number {
  return above.box < 0 || below.box < 0 ? BEND_GAP : ROW_GAP;
}

/** The column of each box: after all that lead to it, close to what it leads to. */
export function columnsOf(
  count: number,
  edges: readonly [number, number][]
): number[] {
  const after = lists(count);
  const before = lists(count);
  for (const [from, to] of edges) {
    after[from].push(to);
    before[to].push(from);
  }
  const waiting = before.map(list => list.length);
  const column = new Array<number>(count).fill(0);
  const order: number[] = [];
  waiting.forEach((left, box) => left === 0 && order.push(box));
  for (const box of order) {
    for (const next of after[box]) {
      column[next] = Math.max(column[next], column[box] + 1);
      waiting[next] -= 1;
      if (waiting[next] === 0) {
        order.push(next);
      }
    }
  }
  // What has more ways out than in stands right before what it leads to: shorter edges.
  for (const box of order.reverse()) {
    if (after[box].length > before[box].length) {
      const next = Math.min(...after[box].map(each => column[each]));
      column[box] = Math.max(column[box], next - 1);
    }
  }
  return column;
}

function lonersOf(count: number, edges: readonly [number, number][]): number[] {
  const met = new Uint8Array(count);
  for (const [from, to] of edges) {
    met[from] = met[to] = 1;
  }
  return Array.from(met.keys()).filter(box => !met[box]);
}

/** Boxes as slots, then for each edge the chain of slots it runs through. */
function slotsOf(input: ILayoutInput, column: number[], alone: number[]) {
  const { sizes, edges } = input;
  const lonely = new Set(alone);
  const slots = sizes.map(([, height], box): ISlot => ({
    box,
    column: lonely.has(box) ? -1 : column[box],
    height,
    before: [],
    after: []
  }));
  let bends = 0;
  const chains = edges.map(([from, to]) => {
    const chain = [from];
    const span = column[to] - column[from] - 1;
    if (span > 0 && bends + span <= MOST_BENDS) {
      bends += span;
      for (let at = column[from] + 1; at < column[to]; at += 1) {
        chain.push(slots.length);
        slots.push({ box: -1, column: at, height: 0, before: [], after: [] });
      }
    }
    chain.push(to);
    for (let link = 1; link < chain.length; link += 1) {
      const [one, other] = [chain[link - 1], chain[link]];
      if (slots[other].column - slots[one].column === 1) {
        slots[one].after.push(other);
        slots[other].before.push(one);
      }
    }
    return chain;
  });
  return { slots, chains };
}

function rowsOf(slots: readonly ISlot[]): number[][] {
  const rows: number[][] = [];
  slots.forEach(({ column }, slot) => {
    if (column >= 0) {
      (rows[column] ??= []).push(slot);
    }
  });
  return Array.from(rows, row => row ?? []);
}

/** Left and right end of each column, as wide as its widest box. */
function columnEdges(
  slots: readonly ISlot[],
  rows: readonly number[][],
  sizes: ILayoutInput['sizes']
): { left: number; right: number }[] {
  let left = 0;
  return rows.map(row => {
    const widths = row.map(slot =>
      slots[slot].box < 0 ? 0 : sizes[slots[slot].box][0]
    );
    const at = { left, right: left + Math.max(0, ...widths) };
    left = at.right + COLUMN_GAP;
    return at;
  });
}

interface IPlan {
  slots: ISlot[];
  chains: number[][];
  rows: number[][];
  middle: Float64Array;
  across: { left: number; right: number }[];
  alone: number[];
}

function placed(input: ILayoutInput, plan: IPlan): ILayout {
  const { slots, rows, middle, across, alone } = plan;
  const boxes = input.sizes.map(([width, height], box): IBox => {
    const x = across[slots[box].column]?.left ?? 0;
    return { x, y: middle[box] - height / 2, width, height };
  });
  const joined = boxes.filter((_, box) => slots[box].column >= 0);
  const top = Math.min(0, ...joined.map(box => box.y));
  for (const box of joined) {
    box.y -= top;
  }
  const bottom = Math.max(0, ...joined.map(box => box.y + box.height));
  const lonerRows = inRows(
    boxes,
    alone,
    bottom === 0 ? 0 : bottom + 3 * ROW_GAP
  );
  return {
    boxes,
    routes: plan.chains.map(chain => route(chain, boxes, plan, top)),
    columns: [
      ...rows.map(row => row.filter(slot => slots[slot].box >= 0)),
      ...lonerRows
    ],
    width: Math.max(0, ...boxes.map(box => box.x + box.width)),
    height: Math.max(0, ...boxes.map(box => box.y + box.height))
  };
}

/** Places boxes without any edge below the others; returns them by column. */
function inRows(boxes: IBox[], alone: number[], top: number): number[][] {
  const columns: number[][] = [];
  let x = 0;
  let y = top;
  alone.forEach((box, index) => {
    const at = index % LONERS_IN_ROW;
    if (at === 0 && index > 0) {
      x = 0;
      y += boxes[box].height + ROW_GAP;
    }
    boxes[box].x = x;
    boxes[box].y = y;
    x += boxes[box].width + ROW_GAP;
    (columns[at] ??= []).push(box);
  });
  return columns;
}

function route(
  chain: number[],
  boxes: IBox[],
  plan: IPlan,
  top: number
): number[] {
  const from = boxes[chain[0]];
  const to = boxes[chain[chain.length - 1]];
  const points = [from.x + from.width, from.y + from.height / 2];
  for (const bend of chain.slice(1, -1)) {
    const { left, right } = plan.across[plan.slots[bend].column];
    const y = plan.middle[bend] - top;
    points.push(left, y, right, y);
  }
  points.push(to.x, to.y + to.height / 2);
  return points;
}

function lists(count: number): number[][] {
  return Array.from({ length: count }, () => []);
}
