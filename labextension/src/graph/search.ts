/** Finds things in a lineage by what is known of them. Pure. */
import type { INet } from './net';
import type { INode } from './types';
import { said } from './types';

/** What is looked through besides the name, and how much of a cell's code. */
const FIELDS = [
  'address',
  'digest',
  'name',
  'type',
  'ref',
  'manifest',
  'notebook',
  'on',
  'how'
];
const CODE = 4000;

/** Without case and accents. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
}

export class Search {
  /** Name and all else of each node; made once, when first asked for. */
  private texts: { name: string; rest: string }[] | null = null;

  constructor(
    private readonly net: INet,
    private readonly kindWord: (kind: INode['kind']) => string
  ) {}

  /** Nodes that have every word; whose name has them first. */
  find(question: string): number[] {
    const words = folded(question).split(/\s+/).filter(Boolean);
    if (words.length === 0) {
      return [];
    }
    this.texts ??= this.net.nodes.map(node => ({
      name: folded(node.label),
      rest: folded(this.textOf(node))
    }));
    const named: number[] = [];
    const other: number[] = [];
    this.texts.forEach(({ name, rest }, index) => {
      if (words.every(word => name.includes(word))) {
        named.push(index);
      } else if (
        words.every(word => name.includes(word) || rest.includes(word))
      ) {
        other.push(index);
      }
    });
    return [...named, ...other];
  }

  private textOf(node: INode): string {
    const { dataset } = node;
    return [
      this.kindWord(node.kind),
      ...FIELDS.map(name => said(node, name)),
      dataset?.name ?? '',
      dataset?.classification ?? '',
      ...(dataset?.regions ?? []),
      said(node, 'code').slice(0, CODE)
    ].join(' ');
  }
}
