/** The drawing as a file: one SVG that needs nothing else, or a PNG. */
import { svg } from './dom';
import { LINE } from './legend';
import type { ISize } from './camera';
import { MARKS } from './types';
import type { GraphWords } from './words';

/** What is written into the file instead of rules and variables of the page. */
const STYLES = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'font-family',
  'font-size',
  'font-weight'
];
/** What is only of use on screen. */
const SCREEN_ONLY = '.wb-graph-ring, .wb-graph-hit';
const MARGIN = 24;
const FOOT = 36;
const SHARPNESS = 2;
const LONGEST_SIDE = 8192;
const MOST_PIXELS = 48e6;

/** A copy of the drawing in the colours it has now, light or dark. */
export function pictureOf(
  scene: SVGGElement,
  size: ISize,
  title: string,
  paper: HTMLElement,
  words: GraphWords
): { text: string; size: ISize } {
  const width = Math.ceil(Math.max(size.width, 420) + 2 * MARGIN);
  const height = Math.ceil(size.height + 2 * MARGIN + FOOT);
  const copy = scene.cloneNode(true) as SVGGElement;
  inline(scene, copy);
  copy.querySelectorAll(SCREEN_ONLY).forEach(each => each.remove());
  copy.setAttribute('transform', `translate(${MARGIN} ${MARGIN})`);
  const { backgroundColor, color, fontFamily } = getComputedStyle(paper);
  const root = svg(
    'svg',
    { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img' },
    svg('title', {}, title),
    svg('rect', { width, height, fill: solid(backgroundColor) }),
    copy,
    foot(height, { color, fontFamily }, words)
  );
  root.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return {
    text: new XMLSerializer().serializeToString(root),
    size: { width, height }
  };
}

/** Writes what rules say into each element, and takes away what only the page needs. */
function inline(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const { name } of [...to.attributes]) {
    if (/^(class|role|tabindex|data-.*|aria-.*)$/.test(name)) {
      to.removeAttribute(name);
    }
  }
  if (from.tagName !== 'title') {
    for (const name of STYLES) {
      const value = style.getPropertyValue(name);
      if (value && !isUsual(name, value, from)) {
        to.setAttribute(name, value);
      }
    }
  }
  if (from.matches(SCREEN_ONLY)) {
    to.setAttribute('class', from.getAttribute('class') ?? '');
  }
  const children = [...to.children];
  [...from.children].forEach((child, index) => inline(child, children[index]));
}

function isUsual(name: string, value: string, element: Element): boolean {
  const text = element.tagName === 'text';
  return (
    (name.startsWith('font-') && !text) ||
    (name === 'opacity' && value === '1') ||
    (name === 'stroke-dasharray' && value === 'none') ||
    (element.tagName === 'g' && name !== 'opacity')
  );
}

/** How edges are known, under the drawing. */
function foot(
  height: number,
  ink: { color: string; fontFamily: string },
  words: GraphWords
): SVGGElement {
  const y = height - FOOT / 2 - 4;
  const dashes = { observed: null, resolved: '7 4', inferred: '1.5 4' };
  const parts = MARKS.flatMap((mark, index) => {
    const x = MARGIN + index * 130;
    return [
      svg('path', {
        d: `M${x} ${y}h${LINE}`,
        stroke: ink.color,
        'stroke-width': 1.5,
        'stroke-dasharray': dashes[mark],
        fill: 'none'
      }),
      svg(
        'text',
        {
          x: x + LINE + 8,
          y: y + 4,
          fill: ink.color,
          'font-family': ink.fontFamily,
          'font-size': '12px'
        },
        words.mark(mark).label
      )
    ];
  });
  return svg('g', {}, ...parts);
}

/** A page may be transparent; a picture is better not. */
function solid(color: string): string {
  return /^(transparent|rgba\(.*,\s*0\))$/.test(color) ? 'white' : color;
}

/** The SVG as pixels; fewer for each point where it would become too large. */
export async function pixelsOf(text: string, size: ISize): Promise<Blob> {
  const { width, height } = size;
  const scale = Math.min(
    SHARPNESS,
    LONGEST_SIDE / width,
    LONGEST_SIDE / height,
    Math.sqrt(MOST_PIXELS / (width * height))
  );
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.floor(width * scale));
  canvas.height = Math.max(1, Math.floor(height * scale));
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(blob => {
      if (blob) {
        resolve(blob);
      } else {
        reject(new Error('The browser could not draw the picture.'));
      }
    }, 'image/png');
  });
}
