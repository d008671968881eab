/** The way from something back to where it came from. Pure. */
import type { IShown } from './collapse';
import type { INet } from './net';
import { reach } from './net';

export interface IPath {
  /** 1 for each node on the way, its start among them. */
  nodes: Uint8Array;
  /** The files, tables, addresses and releases it leads back to. */
  sources: number[];
}

/** From a node back to all its sources; from a source on to all that came of it. */
export function pathOf(net: INet, start: number): IPath {
  const nodes = reach(net, [start], isFirst(net, start) ? 'down' : 'up');
  const sources: number[] = [];
  nodes.forEach((on, index) => {
    const { kind } = net.nodes[index];
    const end =
      kind === 'source' || (kind === 'release' && isFirst(net, index));
    if (on && end && index !== start) {
      sources.push(index);
    }
  });
  return { nodes, sources };
}

function isFirst(net: INet, node: number): boolean {
  return net.ins.from[node] === net.ins.from[node + 1];
}

/** Which drawn things are on the way: by item, and by bundle of edges. */
export function lit(
  net: INet,
  shown: IShown,
  path: IPath
): { items: boolean[]; bundles: boolean[] } {
  const on = (node: number) => path.nodes[node] === 1;
  return {
    items: shown.items.map(({ members }) => members.some(on)),
    bundles: shown.bundles.map(({ edges }) =>
      edges.some(edge => on(net.head[edge]) && on(net.tail[edge]))
    )
  };
}
