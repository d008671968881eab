/** Shapes of a picture, their look, and the text of an SVG made of them. Needs no framework. */

/** What a shape stands for; decides its look. */
export type Part =
  | 'frame'
  | 'grid'
  | 'unseen'
  | 'aside'
  | 'chance'
  | 'curve'
  | 'read'
  | 'best'
  | 'whisker'
  | 'mark'
  | 'tick'
  | 'name';

export type Shape =
  | { kind: 'line'; part: Part; x1: number; y1: number; x2: number; y2: number }
  | {
      kind: 'rect';
      part: Part;
      x: number;
      y: number;
      width: number;
      height: number;
    }
  | { kind: 'circle'; part: Part; x: number; y: number; r: number }
  | { kind: 'path'; part: Part; d: string }
  | {
      kind: 'text';
      part: Part;
      x: number;
      y: number;
      text: string;
      anchor: 'start' | 'middle' | 'end';
      /** Written upwards. */
      upwards?: boolean;
    };

export interface ISize {
  width: number;
  height: number;
}

/** A shape as an element: its tag, attributes with numbers rounded, its look, its text. */
export interface IElement {
  tag: string;
  attributes: Record<string, string | number>;
  look: Look;
  text: string | null;
}

export type Look = Record<string, string | number>;

const ink = 'var(--jp-ui-font-color1, #212121)';
const paper = 'var(--jp-layout-color1, #fff)';
const soft = 'var(--jp-border-color2, #e0e0e0)';
const firm = 'var(--jp-ui-font-color2, #616161)';
const accent = 'var(--jp-brand-color1, #1976d2)';
const text = {
  fill: ink,
  fontFamily: 'var(--jp-ui-font-family, sans-serif)',
  fontSize: '11px'
};
/** Text over lines stays readable. */
const halo = { paintOrder: 'stroke', stroke: paper, strokeWidth: 4 };

/** Theme variables, with what they are in a light theme for places that have none. */
const LOOKS: Record<Part, Look> = {
  frame: { fill: 'none', stroke: firm, strokeWidth: 1 },
  grid: { stroke: soft, strokeWidth: 1 },
  unseen: { fill: 'var(--jp-layout-color3, #e0e0e0)', fillOpacity: 0.6 },
  aside: text,
  chance: {
    fill: 'none',
    stroke: firm,
    strokeWidth: 1,
    strokeDasharray: '4 4'
  },
  curve: { fill: 'none', stroke: firm, strokeOpacity: 0.65, strokeWidth: 1 },
  read: { fill: 'none', stroke: ink, strokeWidth: 2 },
  best: {
    fill: 'none',
    stroke: accent,
    strokeWidth: 2.5,
    strokeLinejoin: 'round'
  },
  whisker: { fill: 'none', stroke: ink, strokeWidth: 1.5 },
  mark: { fill: accent, stroke: paper, strokeWidth: 1.5 },
  tick: text,
  name: { ...text, ...halo, fontWeight: 600 }
};

export function elementOf(shape: Shape): IElement {
  const { tag, attributes } = drawn(shape);
  const said = shape.kind === 'text' ? shape.text : null;
  return { tag, attributes, look: LOOKS[shape.part], text: said };
}

function drawn(shape: Shape): Pick<IElement, 'tag' | 'attributes'> {
  switch (shape.kind) {
    case 'line':
      return {
        tag: 'line',
        attributes: {
          x1: round(shape.x1),
          y1: round(shape.y1),
          x2: round(shape.x2),
          y2: round(shape.y2)
        }
      };
    case 'rect':
      return {
        tag: 'rect',
        attributes: {
          x: round(shape.x),
          y: round(shape.y),
          width: round(shape.width),
          height: round(shape.height)
        }
      };
    case 'circle':
      return {
        tag: 'circle',
        attributes: { cx: round(shape.x), cy: round(shape.y), r: shape.r }
      };
    case 'path':
      return { tag: 'path', attributes: { d: shape.d } };
    case 'text': {
      const x = round(shape.x);
      const y = round(shape.y);
      const attributes = { x, y, textAnchor: shape.anchor };
      return {
        tag: 'text',
        attributes: shape.upwards
          ? { ...attributes, transform: `rotate(-90 ${x} ${y})` }
          : attributes
      };
    }
  }
}

/** A path through points. */
export function pathOf(points: [number, number][]): string {
  return points
    .map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`)
    .join('');
}

/** The picture as text that stands by itself, for example in a notebook's cell. */
export function svgOf(shapes: Shape[], size: ISize, label: string): string {
  const { width, height } = size;
  const inside = shapes.map(shape => markup(elementOf(shape))).join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}"` +
    ` viewBox="0 0 ${round(width)} ${round(height)}" role="img" aria-label="${escaped(label)}">` +
    `${inside}</svg>`
  );
}

function markup({ tag, attributes, look, text: said }: IElement): string {
  const given = Object.entries(attributes).map(
    ([name, value]) => `${dashed(name)}="${escaped(String(value))}"`
  );
  const style = Object.entries(look)
    .map(([name, value]) => `${dashed(name)}:${value}`)
    .join(';');
  return `<${tag} ${given.join(' ')} style="${escaped(style)}">${escaped(said ?? '')}</${tag}>`;
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, sign => `-${sign.toLowerCase()}`);
}

function escaped(raw: string): string {
  const signs: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;'
  };
  return raw.replace(/[&<>"]/g, sign => signs[sign]);
}

function round(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 10) / 10 : 0;
}
