/** The parts of the page around the drawing, and what they say when there is nothing to draw. */
import { html, icon, svg } from './dom';
import { SIGNS } from './shapes';
import type { ITrans } from './types';

export type Stage = 'loading' | 'empty' | 'failed' | 'drawn';

/** Hands out the places that a view fills. */
export class Frame {
  readonly stage = svg('svg', {
    class: 'wb-graph-stage',
    role: 'application',
    tabindex: '-1'
  });
  readonly pane = html('div', { class: 'wb-graph-pane-inside' });
  readonly legend = html('div', { class: 'wb-graph-legend-place' });
  readonly table = html('div', { class: 'wb-graph-table-place', hidden: true });
  private readonly said = html('p', {
    class: 'wb-graph-live',
    role: 'status'
  });
  private readonly warned = html('p', {
    class: 'wb-graph-trouble',
    role: 'alert'
  });
  private readonly message = html('div', { class: 'wb-graph-message' });
  private readonly gaps = html('div', { class: 'wb-graph-gaps' });

  constructor(
    private readonly root: HTMLElement,
    tools: HTMLElement,
    private readonly trans: ITrans
  ) {
    this.stage.setAttribute('aria-roledescription', trans.__('lineage graph'));
    root.append(
      tools,
      html(
        'div',
        { class: 'wb-graph-body' },
        html('div', { class: 'wb-graph-view' }, this.stage, this.message),
        html(
          'div',
          {
            class: 'wb-graph-pane',
            role: 'region',
            'aria-label': trans.__('Details'),
            'data-wb': 'graph-detail'
          },
          this.pane
        )
      ),
      this.warned,
      this.legend,
      this.gaps,
      this.table,
      this.said
    );
  }

  /** What is shown in place of the drawing, if it is not drawn. */
  enter(stage: Stage, text = ''): void {
    this.root.dataset.stage = stage;
    this.root.setAttribute('aria-busy', String(stage === 'loading'));
    const role = stage === 'failed' ? 'alert' : 'status';
    this.message.replaceChildren(
      ...(stage === 'drawn'
        ? []
        : [
            html(
              'div',
              { class: 'wb-graph-says', role },
              stage === 'failed' &&
                icon(SIGNS.bad, 'wb-graph-sign wb-graph-bad'),
              stage === 'loading' &&
                html('span', {
                  class: 'wb-graph-spinner',
                  'aria-hidden': 'true'
                }),
              html('p', {}, text)
            )
          ])
    );
  }

  /** Heard by screen readers. */
  say(text: string): void {
    this.warned.textContent = '';
    this.said.textContent = text;
  }

  /** Seen by everybody; until the next thing is said. */
  trouble(text: string): void {
    this.warned.textContent = text;
  }

  /** For screen readers: what the drawing is, and how to move in it. */
  describe(name: string, things: number): void {
    const t = this.trans;
    this.stage.setAttribute(
      'aria-label',
      [
        name ? t.__('Lineage of %1', name) : t.__('Lineage'),
        t._n('%1 thing shown', '%1 things shown', things),
        t.__(
          'arrow keys move along the lines, Enter chooses, Home goes to what it is about'
        )
      ].join(', ')
    );
  }

  fill(detail: HTMLElement): void {
    this.pane.replaceChildren(detail);
    this.pane.scrollTo(0, 0);
  }

  clear(): void {
    for (const place of [this.legend, this.table, this.pane]) {
      place.replaceChildren();
    }
    this.warned.textContent = '';
  }

  /** Show or hide a place; returns whether it is shown now. */
  toggle(place: 'legend' | 'table'): boolean {
    this[place].hidden = !this[place].hidden;
    return !this[place].hidden;
  }

  showGaps(gaps: readonly string[]): void {
    const t = this.trans;
    this.gaps.replaceChildren(
      ...(gaps.length === 0
        ? []
        : [
            html(
              'details',
              { 'data-wb': 'graph-gaps', open: gaps.length <= 3 },
              html(
                'summary',
                {},
                t.__('What could not be seen (%1)', String(gaps.length))
              ),
              html('ul', {}, ...gaps.map(gap => html('li', {}, gap)))
            )
          ])
    );
  }
}
