/** A lineage with its neighbours at hand: numbers instead of names, O(nodes + edges). Pure. */
import type { IEdge, IGraph, INode } from './types';
import { MARKS } from './types';

/** Neighbours of each node, one after the other; those of node i are from[i] … from[i + 1] − 1. */
export interface INeighbours {
  from: Int32Array;
  edges: Int32Array;
}

export interface INet {
  nodes: INode[];
  edges: IEdge[];
  /** By id. */
  at: Map<string, number>;
  /** Ends of each edge. */
  tail: Int32Array;
  head: Int32Array;
  outs: INeighbours;
  ins: INeighbours;
  /** Nodes so that edges lead onwards. */
  order: Int32Array;
  /** What the lineage is about, or looks most like it; −1 when there is no node. */
  focus: number;
}

export function netOf(graph: IGraph): INet {
  const { nodes } = graph;
  const at = new Map(nodes.map((node, index) => [node.id, index]));
  const edges = graph.edges.filter(
    edge =>
      at.has(edge.source) && at.has(edge.target) && edge.source !== edge.target
  );
  const tail = Int32Array.from(edges, edge => at.get(edge.source) ?? -1);
  const head = Int32Array.from(edges, edge => at.get(edge.target) ?? -1);
  const outs = neighbours(nodes.length, tail);
  const ins = neighbours(nodes.length, head);
  return {
    nodes,
    edges,
    at,
    tail,
    head,
    outs,
    ins,
    order: orderOf(nodes.length, head, outs, ins),
    focus: focusOf(graph, at, outs)
  };
}

/** Edges by one of their ends: counting sort. */
function neighbours(count: number, ends: Int32Array): INeighbours {
  const from = new Int32Array(count + 1);
  for (const end of ends) {
    from[end + 1] += 1;
  }
  for (let node = 0; node < count; node += 1) {
    from[node + 1] += from[node];
  }
  const next = from.slice();
  const edges = new Int32Array(ends.length);
  ends.forEach((end, edge) => {
    edges[next[end]] = edge;
    next[end] += 1;
  });
  return { from, edges };
}

/** Kahn (1962). Should there be a circle after all, its nodes come last, as they are listed. */
function orderOf(
  count: number,
  head: Int32Array,
  outs: INeighbours,
  ins: INeighbours
): Int32Array {
  const order = new Int32Array(count);
  const waiting = new Int32Array(count);
  const placed = new Uint8Array(count);
  let filled = 0;
  const place = (node: number): void => {
    placed[node] = 1;
    order[filled] = node;
    filled += 1;
  };
  for (let node = 0; node < count; node += 1) {
    waiting[node] = ins.from[node + 1] - ins.from[node];
    if (waiting[node] === 0) {
      place(node);
    }
  }
  for (let done = 0; done < filled; done += 1) {
    for (const edge of edgesAt(outs, order[done])) {
      const next = head[edge];
      waiting[next] -= 1;
      if (waiting[next] === 0) {
        place(next);
      }
    }
  }
  for (let node = 0; node < count; node += 1) {
    if (!placed[node]) {
      place(node);
    }
  }
  return order;
}

function focusOf(
  graph: IGraph,
  at: Map<string, number>,
  outs: INeighbours
): number {
  const target = graph.target === null ? undefined : at.get(graph.target);
  if (target !== undefined) {
    return target;
  }
  const last = (wanted: (node: INode, index: number) => boolean): number => {
    for (let index = graph.nodes.length - 1; index >= 0; index -= 1) {
      if (wanted(graph.nodes[index], index)) {
        return index;
      }
    }
    return -1;
  };
  const ways = [
    (node: INode) => node.kind === 'release',
    (node: INode) => node.kind === 'model',
    (_: INode, index: number) => outs.from[index] === outs.from[index + 1],
    () => true
  ];
  return ways.map(last).find(index => index >= 0) ?? -1;
}

/** The edges of one node. */
export function edgesAt(side: INeighbours, node: number): Int32Array {
  return side.edges.subarray(side.from[node], side.from[node + 1]);
}

/** `start` and all that it came of (`up`), or all that came of it: 1 for each such node. */
export function reach(
  net: INet,
  starts: Iterable<number>,
  way: 'up' | 'down'
): Uint8Array {
  const side = way === 'up' ? net.ins : net.outs;
  const onward = way === 'up' ? net.tail : net.head;
  const found = new Uint8Array(net.nodes.length);
  const waiting: number[] = [];
  const find = (node: number): void => {
    if (!found[node]) {
      found[node] = 1;
      waiting.push(node);
    }
  };
  for (const start of starts) {
    find(start);
  }
  for (const node of waiting) {
    for (const edge of edgesAt(side, node)) {
      find(onward[edge]);
    }
  }
  return found;
}

/** The weakest of some marks: what can be said of all of them. */
export function weakest(marks: Iterable<IEdge['mark']>): IEdge['mark'] {
  let rank = 0;
  for (const mark of marks) {
    rank = Math.max(rank, MARKS.indexOf(mark));
  }
  return MARKS[rank];
}
