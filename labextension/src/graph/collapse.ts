/**
 * What of a lineage is drawn: what is near its subject, and the rest in groups. Pure.
 *
 * Joining nodes could turn a lineage into circles (a cell in front of the group that made its
 * input). It does not, because a group never reaches past a node that is drawn: each hidden node
 * has a level, the most drawn nodes on any way to it, and a group holds one level only. Edges
 * never lead to a lower level, and what is hidden on both sides of a drawn node differs in level.
 */
import type { INet } from './net';
import { edgesAt } from './net';
import { byNearness } from './near';
import { NODE_KINDS } from './types';

/** At most so many things are drawn, groups among them. */
export const LIMIT = 200;
/** So many of a group come out when it is opened. */
export const CHUNK = 30;

/** So many nodes that are alike are drawn by themselves. */
const ALIKE = 12;
/** How much of the limit goes to single nodes, and whether whole levels are joined. */
const TRIES: [share: number, byLevel: boolean][] = [
  [1, false],
  [0.85, false],
  [0.8, true]
];

export interface IItem {
  key: string;
  /** The node, or −1 for a group. */
  node: number;
  /** Nearest first; one for a node. */
  members: number[];
}

/** All edges between two items, drawn as one. */
export interface IBundle {
  from: number;
  to: number;
  edges: number[];
}

export interface IShown {
  items: IItem[];
  bundles: IBundle[];
  /** The item of each node. */
  where: Int32Array;
}

/** What is the same for each picture of one lineage, however much of it is opened. */
interface IOrder {
  near: number[];
  /** Nearest first, without what is like many others. */
  single: number[];
}

const ORDERS = new WeakMap<INet, IOrder>();

function orderOf(net: INet): IOrder {
  let order = ORDERS.get(net);
  if (order === undefined) {
    const near = byNearness(net);
    const alike = surplus(net, near);
    order = { near, single: near.filter(node => !alike.has(node)) };
    ORDERS.set(net, order);
  }
  return order;
}

/** `wanted` are drawn whatever their distance, the last ones first. */
export function collapse(
  net: INet,
  wanted: readonly number[] = [],
  limit = LIMIT
): IShown {
  const { near, single } = orderOf(net);
  // The subject is the nearest to itself.
  const asked = [...single.slice(0, 1), ...[...wanted].reverse()];
  const first = [...new Set([...asked, ...single])];
  for (const [share, byLevel] of TRIES) {
    const most = limit * share;
    if (share < 1 || first.length <= most) {
      const groups = grouped(net, near, first.slice(0, most), byLevel);
      if (groups.length <= limit) {
        return shownOf(net, groups);
      }
    }
  }
  // One group for each level, and no more levels than drawn nodes and one: at most `limit`.
  const few = Math.max(0, Math.floor((limit - 1) / 2));
  return shownOf(net, grouped(net, near, first.slice(0, few), true));
}

/**
 * Nodes that are like many others: of the same kind, between the same neighbours, such as the
 * files that a loop reads. A few of them say what all of them say.
 */
function surplus(net: INet, near: readonly number[]): Set<number> {
  const seen = new Map<string, number>();
  const found = new Set<number>();
  for (const node of near) {
    const before = Array.from(edgesAt(net.ins, node), edge => net.tail[edge]);
    const after = Array.from(edgesAt(net.outs, node), edge => net.head[edge]);
    const sides = [before, after].map(side => side.sort((a, b) => a - b));
    const key = [net.nodes[node].kind, ...sides].join(' | ');
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    if (count > ALIKE && node !== net.focus) {
      found.add(node);
    }
  }
  return found;
}

/** The drawn nodes, each alone, and the others in groups. */
function grouped(
  net: INet,
  near: readonly number[],
  drawn: readonly number[],
  byLevel: boolean
): number[][] {
  const open = new Uint8Array(net.nodes.length);
  for (const node of drawn) {
    open[node] = 1;
  }
  const level = levels(net, open);
  const name = byLevel
    ? (node: number) => String(level[node])
    : branches(net, open, level);
  const groups = new Map<string, number[]>();
  for (const node of near) {
    if (!open[node]) {
      const key = name(node);
      const group = groups.get(key);
      if (group) {
        group.push(node);
      } else {
        groups.set(key, [node]);
      }
    }
  }
  return [...drawn.map(node => [node]), ...groups.values()];
}

/** The most drawn nodes on any way to each node. */
function levels(net: INet, open: Uint8Array): Int32Array {
  const level = new Int32Array(net.nodes.length);
  for (const node of net.order) {
    for (const edge of edgesAt(net.outs, node)) {
      const next = net.head[edge];
      level[next] = Math.max(level[next], level[node] + open[node]);
    }
  }
  return level;
}

/**
 * Names of branches: hidden nodes of one level that hang together, and with them those of the same
 * kinds that lead to the same drawn node, such as all files that one cell read.
 */
function branches(
  net: INet,
  open: Uint8Array,
  level: Int32Array
): (node: number) => string {
  const find = together(net, open, level);
  const kinds = new Int32Array(net.nodes.length);
  const beside = new Int32Array(net.nodes.length).fill(-1);
  net.nodes.forEach(({ kind }, index) => {
    if (!open[index]) {
      const at = find(index);
      kinds[at] |= 1 << (NODE_KINDS.indexOf(kind) + 1);
      const drawn = drawnBeside(net, open, index);
      if (drawn >= 0 && (beside[at] < 0 || drawn < beside[at])) {
        beside[at] = drawn;
      }
    }
  });
  return node => {
    const at = find(node);
    return beside[at] < 0
      ? `alone ${at}`
      : `${level[at]} ${kinds[at]} ${beside[at]}`;
  };
}

/** Names one node of each set of hidden nodes of one level that hang together (union and find). */
function together(
  net: INet,
  open: Uint8Array,
  level: Int32Array
): (node: number) => number {
  const root = Int32Array.from(net.nodes, (_, index) => index);
  const find = (node: number): number => {
    let at = node;
    while (root[at] !== at) {
      root[at] = root[root[at]];
      at = root[at];
    }
    return at;
  };
  net.tail.forEach((from, edge) => {
    const to = net.head[edge];
    if (!open[from] && !open[to] && level[from] === level[to]) {
      root[find(from)] = find(to);
    }
  });
  return find;
}

/** A drawn node right after this one, else one right before it, else −1. */
function drawnBeside(net: INet, open: Uint8Array, node: number): number {
  for (const edge of edgesAt(net.outs, node)) {
    if (open[net.head[edge]]) {
      return net.head[edge];
    }
  }
  for (const edge of edgesAt(net.ins, node)) {
    if (open[net.tail[edge]]) {
      return net.tail[edge];
    }
  }
  return -1;
}

function shownOf(net: INet, groups: number[][]): IShown {
  const where = new Int32Array(net.nodes.length);
  // In the order in which it happened, which is also how it is read.
  groups.sort(([one], [other]) => one - other);
  const items = groups.map((members, index): IItem => {
    for (const node of members) {
      where[node] = index;
    }
    const { id } = net.nodes[members[0]];
    return members.length === 1
      ? { key: `node ${id}`, node: members[0], members }
      : { key: `group ${id}`, node: -1, members };
  });
  const bundles = new Map<number, IBundle>();
  net.tail.forEach((tail, edge) => {
    const from = where[tail];
    const to = where[net.head[edge]];
    if (from !== to) {
      const key = from * items.length + to;
      const bundle = bundles.get(key);
      if (bundle) {
        bundle.edges.push(edge);
      } else {
        bundles.set(key, { from, to, edges: [edge] });
      }
    }
  });
  return { items, bundles: [...bundles.values()], where };
}
