/** The line of tools above the drawing. */
import { button, html, icon } from './dom';
import { TOOL_ICONS } from './shapes';
import type { ITrans } from './types';

export interface ITools {
  search(question: string): void;
  step(by: 1 | -1): void;
  zoom(factor: number): void;
  fit(): void;
  reset(): void;
  table(): boolean;
  legend(): boolean;
  save(kind: 'svg' | 'png'): void;
}

export const ZOOM = 1.25;

export class Toolbar {
  readonly element: HTMLElement;
  private readonly field: HTMLInputElement;
  private readonly found: HTMLElement;
  private readonly steps: HTMLButtonElement[];
  private readonly shown: HTMLElement;
  private readonly resetting: HTMLButtonElement;
  private readonly scale: HTMLElement;

  constructor(
    private readonly tools: ITools,
    private readonly trans: ITrans
  ) {
    const t = trans;
    this.field = html('input', {
      type: 'search',
      placeholder: t.__('Find in this lineage'),
      'aria-label': t.__('Find in this lineage'),
      'data-wb': 'graph-search',
      autocomplete: 'off',
      spellcheck: 'false',
      oninput: () => tools.search(this.field.value),
      onkeydown: (event: KeyboardEvent) => this.key(event)
    });
    this.found = html('span', { class: 'wb-graph-found', role: 'status' });
    this.steps = [
      button(t.__('Previous'), () => tools.step(-1), {
        icon: TOOL_ICONS.previous,
        hook: 'graph-previous'
      }),
      button(t.__('Next'), () => tools.step(1), {
        icon: TOOL_ICONS.next,
        hook: 'graph-next'
      })
    ];
    this.shown = html('span', { class: 'wb-graph-count' });
    this.resetting = button(t.__('As at first'), tools.reset, {
      icon: TOOL_ICONS.back,
      hook: 'graph-reset'
    });
    this.scale = html('span', {
      class: 'wb-graph-scale',
      'aria-hidden': 'true'
    });
    this.element = this.line();
    this.showFound(0, -1, '');
    this.showCount(0, 0, false);
  }

  private line(): HTMLElement {
    const t = this.trans;
    const { tools } = this;
    return html(
      'div',
      {
        class: 'wb-graph-tools',
        role: 'group',
        'aria-label': t.__('Tools of the lineage')
      },
      html(
        'div',
        { class: 'wb-graph-search', role: 'search' },
        icon(TOOL_ICONS.search),
        this.field,
        this.found,
        ...this.steps
      ),
      html(
        'div',
        { class: 'wb-graph-set wb-graph-state' },
        this.shown,
        this.resetting
      ),
      html(
        'div',
        { class: 'wb-graph-set' },
        button(t.__('Smaller (−)'), () => tools.zoom(1 / ZOOM), {
          icon: TOOL_ICONS.zoomOut,
          hook: 'graph-zoom-out'
        }),
        this.scale,
        button(t.__('Larger (+)'), () => tools.zoom(ZOOM), {
          icon: TOOL_ICONS.zoomIn,
          hook: 'graph-zoom-in'
        }),
        button(t.__('All of it (0)'), tools.fit, {
          icon: TOOL_ICONS.fit,
          hook: 'graph-fit'
        })
      ),
      html(
        'div',
        { class: 'wb-graph-set' },
        this.toggle(
          t.__('Legend'),
          TOOL_ICONS.legend,
          'graph-legend-toggle',
          tools.legend,
          true
        ),
        this.toggle(
          t.__('Table'),
          TOOL_ICONS.table,
          'graph-table-toggle',
          tools.table,
          false
        )
      ),
      html(
        'div',
        { class: 'wb-graph-set' },
        this.saving('svg', t.__('Save this picture as SVG, which stays sharp')),
        this.saving('png', t.__('Save this picture as PNG'))
      )
    );
  }

  showScale(scale: number): void {
    this.scale.textContent = `${Math.round(scale * 100)} %`;
  }

  /** “3 of 12”; nothing while nothing is looked for. */
  showFound(many: number, at: number, question: string): void {
    const t = this.trans;
    this.found.textContent =
      question.trim() === ''
        ? ''
        : many === 0
          ? t.__('nothing found')
          : t.__('%1 of %2', String(at + 1), String(many));
    for (const each of this.steps) {
      each.disabled = many < 2;
      each.hidden = question.trim() === '';
    }
  }

  /** “198 of 10,000 shown” where not all of it is. */
  showCount(shown: number, all: number, changed: boolean): void {
    const number = (value: number) => value.toLocaleString();
    this.shown.textContent =
      shown < all
        ? this.trans.__('%1 of %2 shown', number(shown), number(all))
        : '';
    this.resetting.hidden = !changed;
  }

  clear(): boolean {
    const had = this.field.value !== '';
    this.field.value = '';
    return had;
  }

  private key(event: KeyboardEvent): void {
    if (event.key === 'Enter') {
      event.preventDefault();
      event.stopPropagation();
      this.tools.step(event.shiftKey ? -1 : 1);
    } else if (event.key === 'Escape' && this.clear()) {
      event.preventDefault();
      event.stopPropagation();
      this.tools.search('');
    }
  }

  private toggle(
    label: string,
    path: string,
    hook: string,
    act: () => boolean,
    pressed: boolean
  ): HTMLButtonElement {
    const made = button(
      label,
      () => made.setAttribute('aria-pressed', String(act())),
      { icon: path, hook, pressed }
    );
    return made;
  }

  private saving(kind: 'svg' | 'png', title: string): HTMLButtonElement {
    return button(kind.toUpperCase(), () => this.tools.save(kind), {
      hook: `graph-save-${kind}`,
      title
    });
  }
}
