/** How to read the drawing: lines by how they are known, signs, and the kinds that occur. */
import { html, icon, svg } from './dom';
import { KIND_ICONS, SIGNS } from './shapes';
import type { IEdge, NodeKind } from './types';
import { MARKS } from './types';
import type { GraphWords } from './words';

export const LINE = 34;

/** A piece of line as it is drawn between boxes, then its name. */
export function markSample(
  mark: IEdge['mark'],
  words: GraphWords
): HTMLSpanElement {
  const { label, explain } = words.mark(mark);
  return html(
    'span',
    { class: 'wb-graph-sample', title: explain },
    svg(
      'svg',
      {
        class: `wb-graph-edge wb-graph-${mark}`,
        width: LINE,
        height: 10,
        viewBox: `0 0 ${LINE} 10`,
        'aria-hidden': 'true'
      },
      svg('path', { class: 'wb-graph-line', d: `M1 5H${LINE - 8}` }),
      svg('path', { class: 'wb-graph-head', d: `M${LINE} 5l-8 -4v8Z` })
    ),
    label
  );
}

export function drawLegend(
  kinds: readonly NodeKind[],
  words: GraphWords
): HTMLElement {
  const { trans } = words;
  return html(
    'div',
    {
      class: 'wb-graph-legend',
      role: 'group',
      'aria-label': trans.__('Legend'),
      'data-wb': 'graph-legend'
    },
    ...MARKS.map(mark => markSample(mark, words)),
    html('span', { class: 'wb-graph-rule', 'aria-hidden': 'true' }),
    ...kinds.map(kind =>
      html(
        'span',
        { class: 'wb-graph-sample' },
        icon(KIND_ICONS[kind] ?? KIND_ICONS.data),
        words.kind(kind)
      )
    ),
    html('span', { class: 'wb-graph-rule', 'aria-hidden': 'true' }),
    html(
      'span',
      {
        class: 'wb-graph-sample wb-graph-ask',
        title: words.unlabelled.explain
      },
      icon(SIGNS.ask, 'wb-graph-sign'),
      words.unlabelled.label
    )
  );
}
