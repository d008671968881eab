/** The pane beside the drawing: what one thing is, in plain words. */
import type { IItem } from './collapse';
import { button, html, icon } from './dom';
import type { IFact } from './facts';
import { datasetFacts, factsOf } from './facts';
import { markSample } from './legend';
import type { IPath } from './paths';
import { KIND_ICONS, SIGNS, TOOL_ICONS } from './shapes';
import type { Teller } from './tell';
import type { INode } from './types';
import { isUnlabelled, said } from './types';
import { shortDigest } from './words';

export interface IActs {
  choose(node: number): void;
  expand(item: IItem): void;
  clear(): void;
  openCell?: (node: INode) => void;
}

const LISTED = 20;

/** One node, and how it came about. */
export function nodeDetail(
  tell: Teller,
  index: number,
  path: IPath,
  acts: IActs
): HTMLElement {
  const { net, words } = tell;
  const { trans } = words;
  const node = net.nodes[index];
  const known = tell.known(index);
  const { openCell } = acts;
  return html(
    'div',
    { class: 'wb-graph-one', 'data-node': node.id },
    heading(node.label, node.kind, acts, words.trans.__('Close')),
    html('p', { class: 'wb-graph-quiet' }, words.about(node)),
    ...warnings(tell, node),
    known !== null &&
      html(
        'p',
        { class: 'wb-graph-known', title: words.mark(known).explain },
        markSample(known, words),
        html('span', { class: 'wb-graph-quiet' }, words.mark(known).explain)
      ),
    facts(factsOf(node, words), trans.__('Copy')),
    node.dataset !== null && html('h4', {}, trans.__('Label')),
    facts(datasetFacts(node, words), trans.__('Copy')),
    node.kind === 'step' &&
      openCell !== undefined &&
      button(trans.__('Open cell'), () => openCell(node), {
        hook: 'graph-open-cell',
        className: 'wb-graph-main',
        title: trans.__('Show this cell in its notebook')
      }),
    ...codeOf(tell, node),
    ...neighbours(tell, index, 'ins', acts),
    ...neighbours(tell, index, 'outs', acts),
    ...sources(tell, path, acts)
  );
}

export function heading(
  label: string,
  kind: keyof typeof KIND_ICONS,
  acts: IActs,
  close: string
): HTMLElement {
  return html(
    'div',
    { class: 'wb-graph-heading' },
    icon(KIND_ICONS[kind] ?? KIND_ICONS.data),
    html('h3', { tabindex: '-1' }, label),
    button(close, () => acts.clear(), {
      icon: TOOL_ICONS.close,
      hook: 'graph-clear'
    })
  );
}

function warnings(tell: Teller, node: INode): (HTMLElement | null)[] {
  const { words } = tell;
  const changed = said(node, 'changed');
  return [
    changed ? warning(words.changed.label, changed) : null,
    isUnlabelled(node)
      ? warning(words.unlabelled.label, words.unlabelled.explain)
      : null
  ];
}

function warning(label: string, text: string): HTMLElement {
  return html(
    'div',
    { class: 'wb-graph-warning', 'data-wb': 'graph-warning' },
    icon(SIGNS.ask, 'wb-graph-sign wb-graph-ask'),
    html('p', {}, html('strong', {}, label), ' ', text)
  );
}

function facts(rows: IFact[], copy: string): HTMLElement | null {
  if (rows.length === 0) {
    return null;
  }
  const list = html('dl', { class: 'wb-graph-facts' });
  for (const { name, value, digest } of rows) {
    list.append(
      html('dt', {}, name),
      digest
        ? html(
            'dd',
            {},
            html('code', { title: value }, shortDigest(value)),
            ' ',
            copying(value, copy)
          )
        : html('dd', {}, value)
    );
  }
  return list;
}

/** Copies a text and says so in its own place. */
function copying(value: string, label: string): HTMLElement {
  const copy = button(
    label,
    () => {
      void navigator.clipboard?.writeText(value).then(() => {
        copy.replaceChildren(icon(TOOL_ICONS.done));
        setTimeout(() => copy.replaceChildren(icon(TOOL_ICONS.copy)), 1500);
      });
    },
    { icon: TOOL_ICONS.copy, hook: 'graph-copy', className: 'wb-graph-small' }
  );
  return copy;
}

function codeOf(tell: Teller, node: INode): (HTMLElement | null)[] {
  const code = said(node, 'code');
  const { trans } = tell.words;
  return code === ''
    ? []
    : [
        html('h4', {}, trans.__('Code as it ran')),
        html(
          'pre',
          {
            class: 'wb-graph-code',
            tabindex: '0',
            role: 'region',
            'aria-label': trans.__('Code of %1', node.label),
            'data-wb': 'graph-code'
          },
          html('code', {}, code)
        )
      ];
}

function neighbours(
  tell: Teller,
  index: number,
  way: 'ins' | 'outs',
  acts: IActs
): (HTMLElement | null)[] {
  const { net, words } = tell;
  const edges = tell.neighbours(index, way);
  const other = way === 'ins' ? net.tail : net.head;
  const title =
    way === 'ins' ? words.trans.__('Came from') : words.trans.__('Went to');
  return listed(
    title,
    edges,
    edge =>
      html(
        'li',
        {},
        button(tell.edge(edge, index), () => acts.choose(other[edge]), {
          className: 'wb-graph-link'
        }),
        markSample(net.edges[edge].mark, words)
      ),
    tell
  );
}

function sources(
  tell: Teller,
  path: IPath,
  acts: IActs
): (HTMLElement | null)[] {
  const { net, words } = tell;
  return listed(
    words.trans.__('Leads back to'),
    path.sources,
    source =>
      html(
        'li',
        {},
        button(net.nodes[source].label, () => acts.choose(source), {
          className: 'wb-graph-link'
        }),
        isUnlabelled(net.nodes[source]) &&
          html('span', { class: 'wb-graph-quiet' }, words.unlabelled.label)
      ),
    tell
  );
}

/** A heading with its number and a list; the rest of a long one after a press. */
export function listed(
  title: string,
  all: readonly number[],
  row: (item: number) => HTMLElement,
  tell: Teller
): HTMLElement[] {
  if (all.length === 0) {
    return [];
  }
  const list = html('ul', { class: 'wb-graph-list' });
  const show = (from: number): void => {
    list.append(...all.slice(from, from + LISTED).map(row));
    const left = all.length - from - LISTED;
    if (left > 0) {
      const more = html('li');
      more.append(
        button(
          tell.words.trans.__('Show %1 more', String(Math.min(left, LISTED))),
          () => {
            more.remove();
            show(from + LISTED);
          },
          { className: 'wb-graph-link' }
        )
      );
      list.append(more);
    }
  };
  show(0);
  return [html('h4', {}, `${title} (${all.length})`), list];
}
