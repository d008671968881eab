/** Lines of a change as they are drawn. Pure. */
import type { IChanged } from '../tokens';
import type { ITrans } from '../words';

export type LineKind = 'added' | 'removed' | 'same' | 'place';

export interface ILine {
  kind: LineKind;
  text: string;
}

/** A line of a diff by its first sign: +, − (or -), @@ for a place, else unchanged. */
export function lineOf(line: string): ILine {
  if (line.startsWith('@@')) {
    return { kind: 'place', text: line };
  }
  const rest = line.slice(1);
  switch (line.charAt(0)) {
    case '+':
      return { kind: 'added', text: rest };
    case '-':
    case '−':
      return { kind: 'removed', text: rest };
    case ' ':
      return { kind: 'same', text: rest };
    default:
      return { kind: 'same', text: line };
  }
}

/** The sign of a kind, so that colour never stands alone. */
export const SIGN: Record<LineKind | IChanged['kind'], string> = {
  added: '+',
  removed: '−',
  changed: '±',
  same: ' ',
  place: '…'
};

export function kindWord(
  kind: LineKind | IChanged['kind'],
  trans: ITrans
): string {
  switch (kind) {
    case 'added':
      return trans.__('added');
    case 'removed':
      return trans.__('removed');
    case 'changed':
      return trans.__('changed');
    default:
      return '';
  }
}

/** “2 added, 1 removed, 5 as before”. */
export function tally(
  changes: readonly IChanged[],
  same: number,
  trans: ITrans
): string {
  const count = (kind: IChanged['kind']) =>
    changes.filter(each => each.kind === kind).length;
  const parts: [number, string][] = [
    [count('added'), trans.__('%1 added', String(count('added')))],
    [count('removed'), trans.__('%1 removed', String(count('removed')))],
    [count('changed'), trans.__('%1 changed', String(count('changed')))],
    [same, trans.__('%1 as before', String(same))]
  ];
  return parts
    .filter(([many]) => many > 0)
    .map(([, said]) => said)
    .join(', ');
}
