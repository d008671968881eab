/** Where the arrow keys lead: along edges to the sides, within a column up and down. Pure. */
import type { IShown } from './collapse';
import type { ILayout } from './layout';

export type Arrow = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

export const ARROWS: readonly string[] = [
  'ArrowLeft',
  'ArrowRight',
  'ArrowUp',
  'ArrowDown'
];

/** The next item, or null where there is none. */
export function stepFrom(
  shown: IShown,
  layout: ILayout,
  at: number,
  key: Arrow
): number | null {
  if (key === 'ArrowUp' || key === 'ArrowDown') {
    const column = layout.columns.find(items => items.includes(at)) ?? [];
    const next = column.indexOf(at) + (key === 'ArrowUp' ? -1 : 1);
    return column[next] ?? null;
  }
  const ends =
    key === 'ArrowRight'
      ? shown.bundles.filter(({ from }) => from === at).map(({ to }) => to)
      : shown.bundles.filter(({ to }) => to === at).map(({ from }) => from);
  return nearest(ends, layout, at);
}

function nearest(
  items: readonly number[],
  layout: ILayout,
  at: number
): number | null {
  const middle = (item: number): [number, number] => {
    const { x, y, width, height } = layout.boxes[item];
    return [x + width / 2, y + height / 2];
  };
  const [x, y] = middle(at);
  const distance = (item: number): number => {
    const [otherX, otherY] = middle(item);
    return Math.abs(otherX - x) + 2 * Math.abs(otherY - y);
  };
  return items.reduce<number | null>(
    (best, item) =>
      best === null || distance(item) < distance(best) ? item : best,
    null
  );
}
