/** The pane while no single node is chosen: the whole in short, or what is in a group. */
import type { IItem } from './collapse';
import type { IActs } from './detail';
import { heading, listed } from './detail';
import { button, html } from './dom';
import { groupLabel, kindsIn } from './faces';
import { markSample } from './legend';
import type { Teller } from './tell';
import type { IEdge } from './types';
import { isUnlabelled, MARKS, said } from './types';

/** A group: what is in it, and how to see it. */
export function groupDetail(
  tell: Teller,
  item: IItem,
  acts: IActs
): HTMLElement {
  const { net, words } = tell;
  const { trans } = words;
  return html(
    'div',
    { class: 'wb-graph-one' },
    heading(groupLabel(net, item, words), 'group', acts, trans.__('Close')),
    html(
      'p',
      { class: 'wb-graph-quiet' },
      trans.__(
        'Drawn as one, so that the picture stays readable: %1.',
        inWords(tell, item.members)
      )
    ),
    button(trans.__('Show them'), () => acts.expand(item), {
      className: 'wb-graph-main',
      hook: 'graph-expand'
    }),
    ...listed(
      trans.__('In it'),
      item.members,
      node =>
        html(
          'li',
          {},
          button(net.nodes[node].label, () => acts.choose(node), {
            className: 'wb-graph-link'
          }),
          html(
            'span',
            { class: 'wb-graph-quiet' },
            words.kind(net.nodes[node].kind)
          )
        ),
      tell
    )
  );
}

function inWords(tell: Teller, members: readonly number[]): string {
  return kindsIn(tell.net, members)
    .map(([kind, many]) => tell.words.count(kind, many))
    .join(', ');
}

/** Nothing is chosen: what the whole of it says. */
export function overview(tell: Teller, acts: IActs): HTMLElement {
  const { net, words } = tell;
  const { trans } = words;
  const all = net.nodes.map((_, index) => index);
  const unlabelled = all.filter(index => isUnlabelled(net.nodes[index]));
  const changed = all.filter(index => said(net.nodes[index], 'changed') !== '');
  const row = (index: number) =>
    html(
      'li',
      {},
      button(net.nodes[index].label, () => acts.choose(index), {
        className: 'wb-graph-link'
      })
    );
  return html(
    'div',
    { class: 'wb-graph-one' },
    html('h3', {}, trans.__('In short')),
    html('p', {}, `${inWords(tell, all)}.`),
    html(
      'ul',
      { class: 'wb-graph-list' },
      ...MARKS.map(mark => markCount(tell, mark))
    ),
    ...listed(trans.__('Sources without a label'), unlabelled, row, tell),
    ...listed(trans.__('Changed since they were read'), changed, row, tell),
    html(
      'p',
      { class: 'wb-graph-quiet wb-graph-hint' },
      trans.__(
        'Choose something to see what it is and the way back to its sources. Arrow keys move along the lines.'
      )
    )
  );
}

function markCount(tell: Teller, mark: IEdge['mark']): HTMLElement | null {
  const { net, words } = tell;
  const many = net.edges.filter(edge => edge.mark === mark).length;
  return many === 0
    ? null
    : html(
        'li',
        {},
        markSample(mark, words),
        html(
          'span',
          { class: 'wb-graph-quiet' },
          words.trans._n('%1 connection', '%1 connections', many)
        )
      );
}
