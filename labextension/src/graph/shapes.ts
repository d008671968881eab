/** The outline and the sign of each kind: told apart without colour. Pure. */
import type { IFace, Sign } from './faces';

type Kind = IFace['kind'];

/** The outline of a box of some size, its corner at 0, 0. */
export function outline(kind: Kind, width: number, height: number): string {
  const w = width;
  const h = height;
  switch (kind) {
    case 'source': // a page
      return `M3 0H${w - 12}L${w} 12V${h - 3}Q${w} ${h} ${w - 3} ${h}H3Q0 ${h} 0 ${h - 3}V3Q0 0 3 0Z`;
    case 'file': // a page, its lower corner folded
      return `M3 0H${w - 3}Q${w} 0 ${w} 3V${h - 12}L${w - 12} ${h}H3Q0 ${h} 0 ${h - 3}V3Q0 0 3 0Z`;
    case 'data': // a parallelogram
      return `M9 0H${w}L${w - 9} ${h}H0Z`;
    case 'function': // corners cut
      return `M8 0H${w - 8}L${w} 8V${h - 8}L${w - 8} ${h}H8L0 ${h - 8}V8Z`;
    case 'model': // a hexagon
      return `M12 0H${w - 12}L${w} ${h / 2}L${w - 12} ${h}H12L0 ${h / 2}Z`;
    case 'metric': // a pill
      return `M${h / 2} 0H${w - h / 2}A${h / 2} ${h / 2} 0 0 1 ${w - h / 2} ${h}H${h / 2}A${h / 2} ${h / 2} 0 0 1 ${h / 2} 0Z`;
    case 'release': // a tag
      return `M3 0H${w - 14}L${w} ${h / 2}L${w - 14} ${h}H3Q0 ${h} 0 ${h - 3}V3Q0 0 3 0Z`;
    default: // cells and groups: a card
      return `M5 0H${w - 5}Q${w} 0 ${w} 5V${h - 5}Q${w} ${h} ${w - 5} ${h}H5Q0 ${h} 0 ${h - 5}V5Q0 0 5 0Z`;
  }
}

/** Lines inside the outline: the fold of a page, the bar of a cell, the pile of a group. */
export function inside(
  kind: Kind,
  width: number,
  height: number
): string | null {
  const w = width;
  const h = height;
  switch (kind) {
    case 'source':
      return `M${w - 12} 0V12H${w}`;
    case 'file':
      return `M${w - 12} ${h}V${h - 12}H${w}`;
    case 'step':
      return `M5 1V${h - 1}`;
    case 'group':
      return `M5 ${h + 3}H${w - 1}Q${w + 3} ${h + 3} ${w + 3} ${h - 1}V5`;
    default:
      return null;
  }
}

/** What stands before the name, 16 × 16, filled. */
export const KIND_ICONS: Record<Kind, string> = {
  // a cylinder, as data is drawn
  source:
    'M8 1C4.7 1 2 2 2 3.3v9.4C2 14 4.7 15 8 15s6-1 6-2.3V3.3C14 2 11.3 1 8 1Zm0 1.4c2.8 0 4.6.7 4.6.9S10.8 4.2 8 4.2s-4.6-.7-4.6-.9.8-.9 4.6-.9ZM12.6 12.7c0 .2-1.8.9-4.6.9s-4.6-.7-4.6-.9V10.9c1.1.5 2.8.8 4.6.8s3.5-.3 4.6-.8Zm0-3.3c0 .3-1.8.9-4.6.9s-4.6-.6-4.6-.9V7.5c1.1.5 2.8.8 4.6.8s3.5-.3 4.6-.8Zm0-3.4c0 .3-1.8.9-4.6.9S3.4 6.3 3.4 6v-.9C4.5 5.5 6.2 5.7 8 5.7s3.5-.2 4.6-.6Z',
  // a prompt
  step: 'M1.5 2.5h13v11h-13Zm1.4 1.4v8.2h10.2V3.9Zm1.3 1.5 2.9 2.5-2.9 2.6-.9-1 1.7-1.6-1.7-1.5Zm3.6 4.4h3.7v1.3H7.8Z',
  // a table
  data: 'M1.5 2h13v12h-13Zm1.4 1.4v2.2h3V3.4Zm4.4 0v2.2h5.8V3.4ZM2.9 7v2.2h3V7Zm4.4 0v2.2h5.8V7Zm-4.4 3.6v2h3v-2Zm4.4 0v2h5.8v-2Z',
  // braces
  function:
    'M6 2v1.4c-1.2 0-1.5.3-1.5 1.3v1.6c0 .8-.3 1.4-.9 1.7.6.3.9.9.9 1.7v1.6c0 1 .3 1.3 1.5 1.3V14c-2.1 0-2.9-.9-2.9-2.7V9.7c0-.8-.3-1-1.1-1V7.3c.8 0 1.1-.2 1.1-1V4.7C3.1 2.9 3.9 2 6 2Zm4 0c2.1 0 2.9.9 2.9 2.7v1.6c0 .8.3 1 1.1 1v1.4c-.8 0-1.1.2-1.1 1v1.6c0 1.8-.8 2.7-2.9 2.7v-1.4c1.2 0 1.5-.3 1.5-1.3V9.7c0-.8.3-1.4.9-1.7-.6-.3-.9-.9-.9-1.7V4.7c0-1-.3-1.3-1.5-1.3Z',
  // units joined
  model:
    'M3.2 1.7a2 2 0 0 1 1.9 2.6l2 1.9a2 2 0 0 1 1.8 0l2-1.9a2 2 0 1 1 .95.98L9.9 7.2a2 2 0 0 1 0 1.6l1.95 1.92a2 2 0 1 1-.95.98l-2-1.9a2 2 0 0 1-1.8 0l-2 1.9a2 2 0 1 1-.95-.98L6.1 8.8a2 2 0 0 1 0-1.6L4.15 5.28A2 2 0 1 1 3.2 1.7Z',
  // bars
  metric: 'M2 13.5V8h2.6v5.5Zm4.7 0V2.5h2.6v11Zm4.7 0V5.5H14v8Z',
  // a page with an arrow into it
  file: 'M3 1h6.5L13 4.5V15H3Zm1.4 1.4v11.2h7.2V5.3H8.7V2.4ZM8 6.4l2.7 2.8-.9.9-1.15-1.15V12.3h-1.3V8.95L6.2 10.1l-.9-.9Z',
  // a seal
  release:
    'M8 .9 9.8 2.6l2.4-.3.5 2.4 2.1 1.2L13.7 8l1.1 2.1-2.1 1.2-.5 2.4-2.4-.3L8 15.1l-1.8-1.7-2.4.3-.5-2.4L1.2 10.1 2.3 8 1.2 5.9l2.1-1.2.5-2.4 2.4.3Zm-.8 9.9 4-4-1-1-3 3-1.4-1.4-1 1Z',
  // a pile
  group:
    'M8 1.5 14.8 5 8 8.5 1.2 5Zm0 1.6L4.3 5 8 6.9 11.7 5ZM2.7 7.2 8 9.9l5.3-2.7 1.5.8L8 11.5 1.2 8Zm0 3L8 12.9l5.3-2.7 1.5.8L8 14.5 1.2 11Z'
};

export const SIGNS: Record<Exclude<Sign, null>, string> = {
  // a triangle, as for attention elsewhere
  ask: 'M8 1.2 15.6 14.6H.4Zm-.8 4.9v4h1.6v-4Zm0 5v1.6h1.6v-1.6Z',
  // an octagon with a cross
  bad: 'M5.1.9h5.8L15.1 5.1v5.8l-4.2 4.2H5.1L.9 10.9V5.1Zm.5 3.5L4.4 5.6 6.8 8l-2.4 2.4 1.2 1.2L8 9.2l2.4 2.4 1.2-1.2L9.2 8l2.4-2.4-1.2-1.2L8 6.8Z',
  // a lock
  guard:
    'M8 .8a3.6 3.6 0 0 1 3.6 3.6v2h1.6v8.8H2.8V6.4h1.6v-2A3.6 3.6 0 0 1 8 .8Zm0 1.6a2 2 0 0 0-2 2v2h4v-2a2 2 0 0 0-2-2Z'
};

/** What tools do. */
export const TOOL_ICONS = {
  copy: 'M5 1.5h9v10h-3V14.5H2v-10h3Zm1.4 1.4v7.2h6.2V2.9ZM5 5.9H3.4v7.2h6.2v-1.6H5Z',
  done: 'M6.4 12.8 1.6 8l1.1-1.1 3.7 3.7 7-7 1.1 1.1Z',
  search:
    'M6.7 1a5.7 5.7 0 0 1 4.5 9.2l3.8 3.8-1 1-3.8-3.8A5.7 5.7 0 1 1 6.7 1Zm0 1.5a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4Z',
  previous: 'M8 4.5 13.5 10l-1 1L8 6.5 3.5 11l-1-1Z',
  next: 'M8 11.5 2.5 6l1-1L8 9.5 12.5 5l1 1Z',
  zoomIn: 'M7.2 2.5h1.6v4.7h4.7v1.6H8.8v4.7H7.2V8.8H2.5V7.2h4.7Z',
  zoomOut: 'M2.5 7.2h11v1.6h-11Z',
  fit: 'M1.5 1.5h5V3H3v3.5H1.5Zm8 0h5v5H13V3H9.5Zm-8 8H3V13h3.5v1.5h-5Zm11.5 0h1.5v5h-5V13H13Z',
  table:
    'M1.5 2.5h13v11h-13ZM3 4v2h10V4Zm0 3.5v1.75h10V7.5Zm0 3.25V12h10v-1.25Z',
  legend:
    'M1.5 3h3v2.5h-3Zm5 .5h8V5h-8Zm-5 3.25h3v2.5h-3Zm5 .5h8v1.5h-8Zm-5 3.25h3V13h-3Zm5 .5h8v1.5h-8Z',
  close:
    'm3.5 2.5 4.5 4.5 4.5-4.5 1 1L9 8l4.5 4.5-1 1L8 9l-4.5 4.5-1-1L7 8 2.5 3.5Z',
  back: 'M8 2.5a5.5 5.5 0 1 1-5.3 7l1.45-.4A4 4 0 1 0 5.2 5.2L7 7H2V2l2.1 2.1A5.5 5.5 0 0 1 8 2.5Z'
};

/** An edge through its bends, soft between columns and straight along them. */
export function curve(route: readonly number[]): string {
  const parts = [`M${round(route[0])} ${round(route[1])}`];
  for (let at = 2; at < route.length; at += 2) {
    const [x0, y0] = [route[at - 2], route[at - 1]];
    const [x, y] = [route[at], route[at + 1]];
    if (Math.abs(y - y0) < 0.5) {
      parts.push(`L${round(x)} ${round(y)}`);
    } else {
      const middle = round((x0 + x) / 2);
      parts.push(
        `C${middle} ${round(y0)} ${middle} ${round(y)} ${round(x)} ${round(y)}`
      );
    }
  }
  return parts.join('');
}

/** The head of an edge that ends at x, y, from the left. */
export function arrowhead(x: number, y: number): string {
  return `M${round(x)} ${round(y)}l-8 -4v8Z`;
}

/** How far from its box an edge ends, so that the head does not touch the outline's slant. */
export function inset(kind: Kind, side: 'left' | 'right'): number {
  return kind === 'data' ? 4.5 : side === 'right' && kind === 'group' ? -3 : 0;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
