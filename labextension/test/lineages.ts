/** Lineages for tests: written by hand, and grown from a seed. */
import type { IEdge, IGraph, INode } from '../src/graph/types';

export function node(
  id: string,
  kind: INode['kind'] = 'data',
  change: Partial<INode> = {}
): INode {
  return { id, kind, label: id, details: {}, dataset: null, ...change };
}

export function edge(
  source: string,
  target: string,
  verb: IEdge['verb'] = 'used',
  mark: IEdge['mark'] = 'observed'
): IEdge {
  return { source, target, verb, mark };
}

export function lineage(
  nodes: INode[],
  edges: IEdge[],
  target: string | null = null
): IGraph {
  return { nodes, edges, target, gaps: [] };
}

/** patients.csv → In [1] → df → In [2] → clf, with labels.csv read by In [2]. */
export const SMALL: IGraph = lineage(
  [
    node('patients.csv', 'source'),
    node('labels.csv', 'source'),
    node('In [1]', 'step', { details: { code: 'df = pd.read_csv(...)' } }),
    node('df'),
    node('In [2]', 'step'),
    node('clf', 'model')
  ],
  [
    edge('patients.csv', 'In [1]', 'read'),
    edge('In [1]', 'df', 'made'),
    edge('df', 'In [2]'),
    edge('labels.csv', 'In [2]', 'read', 'resolved'),
    edge('In [2]', 'clf', 'made')
  ],
  'clf'
);

/** Chance that comes out the same each time (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A lineage of some size: each node comes of an earlier one, and edges are added up to `edges`. */
export function grown(nodes: number, edges: number, seed = 1): IGraph {
  const random = chance(seed);
  const upTo = (limit: number) => Math.floor(random() * limit);
  const kinds: INode['kind'][] = ['step', 'data', 'data', 'step', 'function'];
  const marks: IEdge['mark'][] = ['observed', 'resolved', 'inferred'];
  const first = Math.ceil(nodes * 0.05);
  const all = Array.from({ length: nodes }, (_, index) =>
    node(
      `n${index}`,
      index < first
        ? 'source'
        : index === nodes - 1
          ? 'model'
          : kinds[upTo(kinds.length)]
    )
  );
  const seen = new Set<number>();
  const joined: IEdge[] = [];
  const join = (from: number, to: number): void => {
    const key = from * nodes + to;
    if (from < to && !seen.has(key)) {
      seen.add(key);
      joined.push(edge(`n${from}`, `n${to}`, 'used', marks[upTo(3)]));
    }
  };
  for (let to = first; to < nodes; to += 1) {
    join(Math.max(0, to - 1 - upTo(60)), to);
  }
  for (let tries = 0; joined.length < edges && tries < edges * 20; tries += 1) {
    const to = 1 + upTo(nodes - 1);
    join(Math.max(0, to - 1 - upTo(300)), to);
  }
  return lineage(all, joined, `n${nodes - 1}`);
}
