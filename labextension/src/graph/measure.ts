/** How wide a text is in the page's own font. */
import type { Measure } from './faces';
import { guess } from './faces';

/** As in `style/graph.css`. */
const FONTS = { label: '600 13px', note: '11.5px' };

export function measureIn(element: Element): Measure {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) {
    return guess;
  }
  const { fontFamily } = getComputedStyle(element);
  const known = new Map<string, number>();
  return (text, font) => {
    const key = `${font} ${text}`;
    let width = known.get(key);
    if (width === undefined) {
      context.font = `${FONTS[font]} ${fontFamily}`;
      ({ width } = context.measureText(text));
      known.set(key, width);
    }
    return width;
  };
}
