/** Scales and readings of an attack's curve. Pure. */
import type { IAttack, ILeakageReport, Method } from './types';

/** The smallest share that the picture shows; a thousandth of the strangers. */
export const LEAST = 1e-3;

export interface IScale {
  /** Where a share is, between `from` and `to`; shares beyond the ends are put at the ends. */
  place: (share: number) => number;
  /** The share at a place. */
  share: (place: number) => number;
}

/** A logarithmic scale from a thousandth, at `from`, to everything, at `to`. */
export function logScale(from: number, to: number): IScale {
  const decades = -Math.log10(LEAST);
  return {
    place: share => {
      const kept = Number.isFinite(share) ? Math.min(1, share) : LEAST;
      const along = 1 + Math.log10(Math.max(LEAST, kept)) / decades;
      return from + along * (to - from);
    },
    share: place => {
      const along = Math.min(1, Math.max(0, (place - from) / (to - from)));
      return 10 ** ((along - 1) * decades);
    }
  };
}

/** The smallest rate of false alarms that so many strangers can show, within the picture. */
export function leastSeen(nonmembers: number): number {
  return nonmembers >= 1 ? Math.min(1, Math.max(LEAST, 1 / nonmembers)) : 1;
}

/** Which share of the members is recognised with at most the share `at` of false alarms. */
export function readAt(curve: IAttack['curve'], at: number): number {
  // Rates are rounded when they are signed, so equality allows for that.
  const within = curve.filter(([wrong]) => wrong <= at * (1 + 1e-3));
  return within.reduce((most, [, right]) => Math.max(most, right), 0);
}

/** The corners of a curve as stairs that never fall, from a rate of false alarms up to 1. */
export function stairs(
  curve: IAttack['curve'],
  from: number
): [number, number][] {
  let height = readAt(curve, from);
  const corners: [number, number][] = [[from, height]];
  const rising = [...curve].sort(([one], [other]) => one - other);
  for (const [wrong, right] of rising) {
    if (wrong > from && right > height) {
      corners.push([wrong, height], [wrong, right]);
      height = right;
    }
  }
  if (corners[corners.length - 1][0] < 1) {
    corners.push([1, height]);
  }
  return corners;
}

/** The attack that the picture brings out: the best at few false alarms, else the best of all. */
export function strongestOf(report: ILeakageReport): IAttack | null {
  const { strongest, attacks } = report;
  if (strongest === null) {
    return null;
  }
  const { rate, rate_method, method } = strongest;
  const wanted = rate.value === null ? method : rate_method;
  return attacks.find(each => each.method === wanted) ?? attacks[0] ?? null;
}

/** The attack whose curve is nearest to a height, where `at` of the strangers are taken wrongly. */
export function nearest(
  attacks: IAttack[],
  at: number,
  value: number
): Method | null {
  const away = (attack: IAttack): number =>
    Math.abs(
      Math.log(
        Math.max(LEAST, readAt(attack.curve, at)) / Math.max(LEAST, value)
      )
    );
  const drawn = attacks.filter(each => each.curve.length > 0);
  if (drawn.length === 0) {
    return null;
  }
  return drawn.reduce((best, each) => (away(each) < away(best) ? each : best))
    .method;
}

/** Round rates of false alarms at which the keyboard stops, rising. */
export function stops(nonmembers: number): number[] {
  const least = leastSeen(nonmembers);
  const round = [1e-3, 1e-2, 1e-1].flatMap(one => [one, 2 * one, 5 * one]);
  return [...round.filter(each => each >= least * (1 - 1e-9)), 1];
}
