/** Makes elements: HTML and SVG in one line each. */

type Attributes = Record<
  string,
  string | number | boolean | null | undefined | ((event: never) => void)
>;
type Child = Node | string | null | undefined | false;

const SVG = 'http://www.w3.org/2000/svg';

export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** Attributes that are null or false are left out; `on…` are listeners. */
function filled<T extends Element>(
  element: T,
  attributes: Attributes,
  children: Child[]
): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), value as EventListener);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  element.append(...children.filter(isThere));
  return element;
}

function isThere(child: Child): child is Node | string {
  return child !== null && child !== undefined && child !== false;
}

/** A small picture of 16 × 16, drawn in the colour of the text around it. */
export function icon(path: string, className = ''): SVGSVGElement {
  return svg(
    'svg',
    {
      class: `wb-graph-icon ${className}`.trim(),
      viewBox: '0 0 16 16',
      width: 16,
      height: 16,
      'aria-hidden': 'true',
      focusable: 'false'
    },
    svg('path', { d: path })
  );
}

/** A button with its words, or with an icon and its words for hover. */
export function button(
  label: string,
  onclick: () => void,
  options: {
    icon?: string;
    hook?: string;
    title?: string;
    className?: string;
    pressed?: boolean;
  } = {}
): HTMLButtonElement {
  const { icon: path, hook, title, className = '', pressed } = options;
  return html(
    'button',
    {
      type: 'button',
      class: `wb-graph-button ${path ? 'wb-graph-square' : ''} ${className}`,
      title: title ?? (path ? label : null),
      'aria-label': path ? label : null,
      'aria-pressed': pressed === undefined ? null : String(pressed),
      'data-wb': hook,
      onclick
    },
    path ? icon(path) : label
  );
}
