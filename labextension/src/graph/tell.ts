/** Sentences on things of a lineage, for screen readers, tables and hover. Pure. */
import type { IBundle, IItem, IShown } from './collapse';
import { groupLabel, kindsIn } from './faces';
import type { INet } from './net';
import { edgesAt, weakest } from './net';
import { isUnlabelled, said, type IEdge } from './types';
import type { GraphWords } from './words';

const NAMED = 3;

export class Teller {
  constructor(
    readonly net: INet,
    readonly words: GraphWords
  ) {}

  /** “patients.csv, source, read by In [3], observed”. */
  node(index: number): string {
    const { net, words } = this;
    const node = net.nodes[index];
    const parts = [node.label, words.kind(node.kind)];
    if (index === net.focus) {
      parts.push(words.trans.__('what this lineage is about'));
    }
    if (isUnlabelled(node)) {
      parts.push(words.unlabelled.label);
    }
    if (node.dataset) {
      parts.push(words.classification(node.dataset.classification));
      parts.push(...node.dataset.regions);
    }
    if (said(node, 'changed')) {
      parts.push(words.changed.label);
    }
    const outcome = words.outcome(node);
    if (outcome && !outcome.good) {
      parts.push(outcome.label);
    }
    return [...parts, ...this.ways(index)].join(', ');
  }

  /** A group, and what Enter does. */
  group(item: IItem): string {
    const { net, words } = this;
    return [
      groupLabel(net, item, words),
      kindsIn(net, item.members)
        .map(([kind, many]) => words.count(kind, many))
        .join(', '),
      words.trans.__('press Enter to show them')
    ].join(', ');
  }

  item(item: IItem): string {
    return item.node < 0 ? this.group(item) : this.node(item.node);
  }

  /** “read by In [3], observed”; a few of them. */
  private ways(index: number): string[] {
    const { net, words } = this;
    const back = [...edgesAt(net.ins, index)];
    const ahead = [...edgesAt(net.outs, index)];
    const edges = [...back, ...ahead];
    const told = edges
      .slice(0, NAMED)
      .map(edge =>
        [this.edge(edge, index), words.mark(net.edges[edge].mark).label].join(
          ', '
        )
      );
    return edges.length > NAMED
      ? [...told, words.trans.__('and %1 more', String(edges.length - NAMED))]
      : told;
  }

  /** An edge, said from one of its ends. */
  edge(edge: number, from: number): string {
    const { net, words } = this;
    const { tail, head, edges, nodes } = net;
    return tail[edge] === from
      ? words.ahead(edges[edge], nodes[head[edge]].label)
      : words.back(edges[edge], nodes[tail[edge]].label);
  }

  /** An edge as a sentence: “patients.csv was read by In [3] (observed)”. */
  bundle(shown: IShown, bundle: IBundle): string {
    const { net, words } = this;
    const mark = words.mark(markOf(net, bundle));
    if (bundle.edges.length === 1) {
      const [edge] = bundle.edges;
      const start = net.nodes[net.tail[edge]].label;
      return `${start}: ${this.edge(edge, net.tail[edge])} (${mark.label})`;
    }
    const name = (item: IItem) =>
      item.node < 0 ? groupLabel(net, item, words) : net.nodes[item.node].label;
    return words.trans.__(
      '%1 connections from %2 to %3, at least %4',
      String(bundle.edges.length),
      name(shown.items[bundle.from]),
      name(shown.items[bundle.to]),
      mark.label
    );
  }

  /** Names of the neighbours on one side, as sentences. */
  neighbours(index: number, way: 'ins' | 'outs'): number[] {
    return [...edgesAt(this.net[way], index)];
  }

  /** How a node is known: the weakest of what leads to it, or from it where nothing leads to it. */
  known(index: number): IEdge['mark'] | null {
    const { net } = this;
    if (net.nodes[index].kind === 'step') {
      return null; // that it ran was seen; what it used is known edge by edge
    }
    const ins = edgesAt(net.ins, index);
    const edges = ins.length > 0 ? ins : edgesAt(net.outs, index);
    return edges.length > 0
      ? weakest(Array.from(edges, edge => net.edges[edge].mark))
      : null;
  }
}

/** Edges drawn as one are known at least as well as the weakest of them. */
export function markOf(net: INet, bundle: IBundle): IEdge['mark'] {
  return weakest(bundle.edges.map(edge => net.edges[edge].mark));
}
