/** The same lineage as a table: for screen readers, keyboards, and whoever likes tables. */
import { button, html } from './dom';
import { markSample } from './legend';
import type { Teller } from './tell';
import { isUnlabelled } from './types';

/** Rows drawn at once. */
const PAGE = 200;
/** Neighbours named in one cell of the table. */
const NAMED = 6;

export function drawTable(
  tell: Teller,
  choose: (node: number) => void
): HTMLElement {
  const { net, words } = tell;
  const { trans } = words;
  const body = html('tbody');
  const more = html('p', { class: 'wb-graph-more' });
  const show = (from: number): void => {
    const page = net.order.subarray(from, from + PAGE);
    body.append(...Array.from(page, node => row(tell, node, choose)));
    const left = net.nodes.length - from - PAGE;
    more.replaceChildren();
    if (left > 0) {
      const next = String(Math.min(PAGE, left));
      more.append(
        button(trans.__('Show %1 more', next), () => show(from + PAGE), {
          hook: 'graph-table-more'
        }),
        trans.__('%1 are not listed yet.', String(left))
      );
    }
  };
  show(0);
  const head = [
    trans.__('Name'),
    trans.__('Kind'),
    trans.__('How it is known'),
    trans.__('Came from'),
    trans.__('Went to')
  ].map(title => html('th', { scope: 'col' }, title));
  return html(
    'div',
    { class: 'wb-graph-table', 'data-wb': 'graph-table' },
    html(
      'table',
      {},
      html(
        'caption',
        {},
        trans.__('The lineage as a table, from its sources on')
      ),
      html('thead', {}, html('tr', {}, ...head)),
      body
    ),
    more
  );
}

function row(
  tell: Teller,
  index: number,
  choose: (node: number) => void
): HTMLElement {
  const { net, words } = tell;
  const node = net.nodes[index];
  const known = tell.known(index);
  const notes = isUnlabelled(node)
    ? [words.unlabelled.label]
    : node.dataset
      ? [
          words.classification(node.dataset.classification),
          ...node.dataset.regions
        ]
      : [];
  return html(
    'tr',
    {},
    html(
      'th',
      { scope: 'row' },
      button(node.label, () => choose(index), { className: 'wb-graph-link' })
    ),
    html('td', {}, [words.kind(node.kind), ...notes].join(' · ')),
    html('td', {}, known ? markSample(known, words) : '–'),
    html('td', {}, sentence(tell, index, 'ins')),
    html('td', {}, sentence(tell, index, 'outs'))
  );
}

function sentence(tell: Teller, index: number, way: 'ins' | 'outs'): string {
  const edges = tell.neighbours(index, way);
  const named = edges.slice(0, NAMED).map(edge => {
    const { mark } = tell.net.edges[edge];
    const told = tell.edge(edge, index);
    return mark === 'observed'
      ? told
      : `${told} (${tell.words.mark(mark).label})`;
  });
  if (edges.length > NAMED) {
    const left = String(edges.length - NAMED);
    named.push(tell.words.trans.__('and %1 more', left));
  }
  return named.join(', ') || '–';
}
