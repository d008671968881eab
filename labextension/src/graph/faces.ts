/** What is written on each thing, and how large it is for that. Pure, but for the measure given. */
import type { IItem, IShown } from './collapse';
import type { INet } from './net';
import type { INode, NodeKind } from './types';
import { isUnlabelled, NODE_KINDS, said } from './types';
import { duration, type GraphWords } from './words';

/** Decides the sign before a note; colour never stands alone. */
export type Sign = 'ask' | 'bad' | 'guard' | null;

export interface IFace {
  kind: NodeKind | 'group';
  label: string;
  /** The second, quieter line. */
  note: string;
  sign: Sign;
  /** Whole, for hover. */
  title: string;
  width: number;
  height: number;
}

/** Width of a text in pixels. */
export type Measure = (text: string, font: 'label' | 'note') => number;

export const HEIGHT = 46;
/** From the left edge to the text: the icon stands before it. */
export const TEXT_LEFT = 36;
export const SIGN = 15;
const TEXT_RIGHT = 16;
const WIDEST = 178;
const NARROWEST = 48;

export function facesOf(
  net: INet,
  shown: IShown,
  words: GraphWords,
  measure: Measure
): IFace[] {
  return shown.items.map(item => faceOf(net, item, words, measure));
}

function faceOf(
  net: INet,
  item: IItem,
  words: GraphWords,
  measure: Measure
): IFace {
  const node = item.node < 0 ? null : net.nodes[item.node];
  const whole = node ? node.label : groupLabel(net, item, words);
  const { note, sign } = node
    ? noteOf(node, words)
    : { note: groupNote(net, item, words), sign: null };
  const room = WIDEST - (sign ? SIGN : 0);
  const label = fitted(whole, WIDEST, text => measure(text, 'label'));
  const line = fitted(note, room, text => measure(text, 'note'));
  const text = Math.max(
    NARROWEST,
    measure(label, 'label'),
    measure(line, 'note') + (sign ? SIGN : 0)
  );
  return {
    kind: node ? node.kind : 'group',
    label,
    note: line,
    sign,
    title: [whole, note].filter(Boolean).join('\n'),
    width: Math.ceil(TEXT_LEFT + text + TEXT_RIGHT),
    height: HEIGHT
  };
}

/** The second line: what one wants to know at a glance. */
function noteOf(node: INode, words: GraphWords): { note: string; sign: Sign } {
  if (said(node, 'changed')) {
    return { note: words.changed.label, sign: 'ask' };
  }
  if (isUnlabelled(node)) {
    return { note: words.unlabelled.label, sign: 'ask' };
  }
  if (node.dataset) {
    const { classification, regions } = node.dataset;
    const parts = [words.classification(classification), ...regions];
    const guarded =
      classification === 'confidential' || classification === 'restricted';
    return { note: parts.join(' · '), sign: guarded ? 'guard' : null };
  }
  const outcome = words.outcome(node);
  if (outcome && !outcome.good) {
    return { note: outcome.label, sign: 'bad' };
  }
  return { note: plainNote(node, words), sign: null };
}

function plainNote(node: INode, words: GraphWords): string {
  const last = (text: string) => text.slice(text.lastIndexOf('.') + 1);
  switch (node.kind) {
    case 'step':
      return (
        duration(Number(said(node, 'seconds') || NaN), words.trans) ||
        words.kind('step')
      );
    case 'data':
    case 'model':
    case 'function':
      return (
        [last(said(node, 'type')), said(node, 'shape')]
          .filter(Boolean)
          .join(' ') || words.kind(node.kind)
      );
    case 'metric':
      return (
        [numberOf(said(node, 'value')), said(node, 'on')]
          .filter(Boolean)
          .join(' · ') || words.kind('metric')
      );
    default:
      return words.kind(node.kind);
  }
}

/** A number as people read it: at most four digits that matter. */
export function numberOf(text: string): string {
  const value = Number(text);
  return text === '' || !Number.isFinite(value)
    ? text
    : String(Number(value.toPrecision(4)));
}

/** How many of each kind, in the order of the legend. */
export function kindsIn(
  net: INet,
  members: readonly number[]
): [NodeKind, number][] {
  const counts = new Map<NodeKind, number>();
  for (const member of members) {
    const { kind } = net.nodes[member];
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const rank = (kind: NodeKind) => NODE_KINDS.indexOf(kind);
  return [...counts].sort(([one], [other]) => rank(one) - rank(other));
}

/** “37 more cells”, or “57 more” where there are several kinds. */
export function groupLabel(net: INet, item: IItem, words: GraphWords): string {
  const kinds = kindsIn(net, item.members);
  return kinds.length === 1
    ? words.more(...kinds[0])
    : words.trans.__('%1 more', String(item.members.length));
}

function groupNote(net: INet, item: IItem, words: GraphWords): string {
  const kinds = kindsIn(net, item.members);
  return kinds.length === 1
    ? words.trans.__('show them')
    : kinds.map(([kind, many]) => words.count(kind, many)).join(', ');
}

/** A text no wider than `room`; what is left out is in the middle, since both ends tell apart. */
export function fitted(
  text: string,
  room: number,
  width: (text: string) => number
): string {
  if (width(text) <= room) {
    return text;
  }
  const signs = [...text];
  let [low, high] = [1, signs.length - 1];
  const cut = (kept: number): string => {
    const end = Math.floor(kept / 2);
    const start = signs.slice(0, kept - end).join('');
    return `${start.trimEnd()}…${end > 0 ? signs.slice(-end).join('').trimStart() : ''}`;
  };
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (width(cut(middle)) <= room) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return cut(low);
}

/** Where nothing can be measured: letters of average width. */
export const guess: Measure = (text, font) =>
  [...text].length * (font === 'label' ? 7.2 : 6.2);
