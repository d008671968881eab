/**
 * The picture of how well attacks tell members from strangers. Needs no framework.
 *
 * Both axes are logarithmic: what matters is who is recognised at few false alarms (Carlini et al.
 * 2022, “Membership inference attacks from first principles”).
 */
import type { ITrans } from '../words';
import type { IScale } from './curve';
import {
  leastSeen,
  LEAST,
  logScale,
  readAt,
  stairs,
  strongestOf
} from './curve';
import { percent } from './numbers';
import type { ISize, Shape } from './shapes';
import { pathOf, svgOf } from './shapes';
import type { IAttack, ILeakageReport, IRate, Method } from './types';
import { CheckWords, PLAIN } from './words';

const TICKS = [1e-3, 1e-2, 1e-1, 1];
const LETTER = 6.5; // pixels that a letter of a name takes, about
const CAP = 4; // half the width of a whisker's end
const ROOM = { left: 44, right: 20, top: 24, bottom: 38 };
/** A region narrower than this has no room for words. */
const WORDS_FIT = 18;

/** Where the curves are drawn, and how shares are placed there. */
export interface IField {
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: IScale;
  y: IScale;
}

export function fieldOf({ width, height }: ISize, room = ROOM): IField {
  const left = room.left;
  const top = room.top;
  const right = Math.max(left + 1, width - room.right);
  const bottom = Math.max(top + 1, height - room.bottom);
  return {
    left,
    right,
    top,
    bottom,
    x: logScale(left, right),
    y: logScale(bottom, top)
  };
}

/** The shapes of the picture, back to front; `read` is the attack that somebody reads now. */
export function rocShapes(
  report: ILeakageReport,
  size: ISize,
  trans: ITrans = PLAIN,
  read: Method | null = null
): Shape[] {
  const field = fieldOf(size);
  const least = leastSeen(report.nonmembers);
  const best = strongestOf(report);
  const others = report.attacks.filter(each => each !== best);
  return [
    ...unseen(field, least, trans),
    ...axes(field, trans),
    ...others.flatMap(each =>
      line(field, each, least, each.method === read ? 'read' : 'curve')
    ),
    ...(best ? brought(field, best, least, trans) : [])
  ];
}

/** The picture as the text of an SVG. */
export function rocSvg(
  report: ILeakageReport,
  size: ISize,
  trans: ITrans = PLAIN
): string {
  const label = new CheckWords(trans).picture(report);
  return svgOf(rocShapes(report, size, trans), size, label);
}

/** Only the strongest curve and chance, small enough for a line of text. */
export function rocGlance(report: ILeakageReport, size: ISize): Shape[] {
  const field = fieldOf(size, { left: 1, right: 2, top: 2, bottom: 1 });
  const least = leastSeen(report.nonmembers);
  const attack = strongestOf(report);
  return [
    shade(field, least),
    frame(field),
    diagonal(field),
    ...(attack ? line(field, attack, least, 'best') : [])
  ];
}

/** Where the strangers are too few for the sample to show anything. */
function unseen(field: IField, least: number, trans: ITrans): Shape[] {
  const width = field.x.place(least) - field.left;
  if (width <= 0) {
    return [];
  }
  const words: Shape = {
    kind: 'text',
    part: 'aside',
    x: field.left + width / 2 + 4,
    y: (field.top + field.bottom) / 2,
    text: trans.__('this sample cannot show'),
    anchor: 'middle',
    upwards: true
  };
  return [shade(field, least), ...(width >= WORDS_FIT ? [words] : [])];
}

function shade(field: IField, least: number): Shape {
  return {
    kind: 'rect',
    part: 'unseen',
    x: field.left,
    y: field.top,
    width: field.x.place(least) - field.left,
    height: field.bottom - field.top
  };
}

function frame({ left, right, top, bottom }: IField): Shape {
  const [width, height] = [right - left, bottom - top];
  return { kind: 'rect', part: 'frame', x: left, y: top, width, height };
}

function diagonal(field: IField): Shape {
  const ends: [number, number][] = [
    [field.x.place(LEAST), field.y.place(LEAST)],
    [field.x.place(1), field.y.place(1)]
  ];
  return { kind: 'path', part: 'chance', d: pathOf(ends) };
}

function axes(field: IField, trans: ITrans): Shape[] {
  const { left, right, top, bottom, x, y } = field;
  const word = (
    at: [number, number],
    text: string,
    anchor: 'start' | 'middle' | 'end'
  ): Shape => ({
    kind: 'text',
    part: 'tick',
    x: at[0],
    y: at[1],
    text,
    anchor
  });
  const ticks = TICKS.flatMap((share): Shape[] => {
    const [across, up] = [x.place(share), y.place(share)];
    return [
      {
        kind: 'line',
        part: 'grid',
        x1: across,
        y1: top,
        x2: across,
        y2: bottom
      },
      { kind: 'line', part: 'grid', x1: left, y1: up, x2: right, y2: up },
      word([across, bottom + 15], percent(share), 'middle'),
      word([left - 6, up + 4], percent(share), 'end')
    ];
  });
  return [
    ...ticks,
    frame(field),
    diagonal(field),
    word([2, 12], trans.__('members recognised'), 'start'),
    word(
      [right, bottom + 31],
      trans.__('strangers wrongly taken for members'),
      'end'
    ),
    // Below the diagonal, where no curve of an attack that works is.
    word([x.place(0.4), y.place(0.14)], trans.__('by chance'), 'middle')
  ];
}

function line(
  field: IField,
  attack: IAttack,
  least: number,
  part: 'curve' | 'read' | 'best'
): Shape[] {
  if (attack.curve.length === 0 || least >= 1) {
    return [];
  }
  const corners = stairs(attack.curve, least).map(
    ([wrong, right]): [number, number] => [
      field.x.place(wrong),
      field.y.place(right)
    ]
  );
  return [{ kind: 'path', part, d: pathOf(corners) }];
}

/** A curve with its name at the end where curves part, and its marked rates. */
function brought(
  field: IField,
  attack: IAttack,
  least: number,
  trans: ITrans
): Shape[] {
  const drawn = line(field, attack, least, 'best');
  if (drawn.length === 0) {
    return [];
  }
  const label = new CheckWords(trans).method(attack.method).label;
  return [
    ...drawn,
    ...attack.rates.flatMap(rate => whisker(field, rate)),
    named(field, attack, least, label)
  ];
}

/** A name above its curve and whiskers, or below them where there is no room. */
function named(
  field: IField,
  attack: IAttack,
  least: number,
  label: string
): Shape {
  const x = field.x.place(least) + 8;
  const end = field.x.share(x + label.length * LETTER);
  const beside = attack.rates.filter(
    ({ at, interval }) => interval !== null && at >= least && at <= end
  );
  const highest = Math.max(
    readAt(attack.curve, end),
    ...beside.map(({ interval }) => interval?.high ?? 0)
  );
  const lowest = Math.min(
    readAt(attack.curve, least),
    ...beside.map(({ interval }) => interval?.low ?? 1)
  );
  const above = field.y.place(highest) - 8;
  const below = Math.min(field.bottom - 6, field.y.place(lowest) + 18);
  const y = above - 8 < field.top ? below : above;
  return { kind: 'text', part: 'name', x, y, text: label, anchor: 'start' };
}

/** A marked rate with its interval; an end beyond the picture has no cap. */
function whisker(field: IField, rate: IRate): Shape[] {
  const { at, value, interval } = rate;
  if (value === null || interval === null || at < LEAST) {
    return [];
  }
  const x = field.x.place(at);
  const [low, high] = [interval.low, interval.high].map(field.y.place);
  const cap = (y: number): Shape => ({
    kind: 'line',
    part: 'whisker',
    x1: x - CAP,
    y1: y,
    x2: x + CAP,
    y2: y
  });
  return [
    { kind: 'line', part: 'whisker', x1: x, y1: low, x2: x, y2: high },
    ...(interval.low >= LEAST ? [cap(low)] : []),
    cap(high),
    { kind: 'circle', part: 'mark', x, y: field.y.place(value), r: 4 }
  ];
}
