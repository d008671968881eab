/** How near each thing is to what a lineage is about. Pure. */
import type { INet } from './net';
import { edgesAt, reach } from './net';
import type { NodeKind } from './types';

/** The ends of a lineage, which people look for first; so many of them count as near. */
const ENDS: NodeKind[] = ['source', 'release', 'model'];
const NEAR_ENDS = 40;

/** All nodes, nearest first: the subject, the ends it leads back to, then step by step. */
export function byNearness(net: INet): number[] {
  if (net.focus < 0) {
    return [];
  }
  const distance = distances(net);
  const nodes = Array.from(net.nodes, (_, index) => index).sort(
    (one, other) => distance[one] - distance[other] || one - other
  );
  const up = reach(net, [net.focus], 'up');
  const ends = nodes.filter(
    node => up[node] && ENDS.includes(net.nodes[node].kind)
  );
  return [...new Set([net.focus, ...ends.slice(0, NEAR_ENDS), ...nodes])];
}

/** Steps from the subject: what it came of, then what came of it, then what is beside both. */
function distances(net: INet): Float64Array {
  const far = net.nodes.length + 1;
  const distance = new Float64Array(net.nodes.length).fill(Infinity);
  const walk = (starts: number[], sides: ('up' | 'down')[]): void => {
    const waiting = [...starts];
    for (const node of waiting) {
      for (const way of sides) {
        const side = way === 'up' ? net.ins : net.outs;
        const onward = way === 'up' ? net.tail : net.head;
        for (const edge of edgesAt(side, node)) {
          const next = onward[edge];
          if (distance[next] === Infinity) {
            distance[next] = distance[node] + 1;
            waiting.push(next);
          }
        }
      }
    }
  };
  distance[net.focus] = 0;
  walk([net.focus], ['up']);
  walk([net.focus], ['down']);
  const related = Array.from(net.nodes, (_, index) => index).filter(
    index => distance[index] < Infinity
  );
  const before = distance.slice();
  walk(
    related.sort((one, other) => distance[one] - distance[other]),
    ['up', 'down']
  );
  return distance.map((value, node) =>
    before[node] === Infinity ? value + far : value
  );
}

/** A shortest way from a node to the subject, against or with the edges; the node alone if none. */
export function wayToFocus(net: INet, start: number): number[] {
  const cameFrom = new Int32Array(net.nodes.length).fill(-1);
  const waiting = [start];
  cameFrom[start] = start;
  for (const node of waiting) {
    if (node === net.focus) {
      break;
    }
    const step = (next: number): void => {
      if (cameFrom[next] < 0) {
        cameFrom[next] = node;
        waiting.push(next);
      }
    };
    for (const edge of edgesAt(net.outs, node)) {
      step(net.head[edge]);
    }
    for (const edge of edgesAt(net.ins, node)) {
      step(net.tail[edge]);
    }
  }
  if (net.focus < 0 || cameFrom[net.focus] < 0) {
    return [start];
  }
  const way = [net.focus];
  while (way[way.length - 1] !== start) {
    way.push(cameFrom[way[way.length - 1]]);
  }
  return way.reverse();
}
