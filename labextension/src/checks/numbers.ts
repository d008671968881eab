/** Numbers as people read them. Pure. */
import type { IInterval } from './types';

/** Keeps number and sign on one line. */
const JOIN = '\u00a0';

/** “12 %”, “1.2 %”, “0.1 %”; never 0 or 100 for a share that is neither. */
export function percent(share: number): string {
  return `${figures(share)}${JOIN}%`;
}

/** “8.1 – 16 %”. */
export function percents({ low, high }: IInterval): string {
  const [from, to] = [Math.max(0, low), Math.min(1, high)];
  return [figures(from), '–', percent(to)].join(JOIN);
}

function figures(share: number): string {
  const hundredths = share * 100;
  const size = Math.abs(hundredths);
  if (!Number.isFinite(size)) {
    return '?';
  }
  if (size === 0 || size === 100) {
    return String(hundredths);
  }
  if (size < 0.1) {
    return String(Number(hundredths.toPrecision(1)));
  }
  if (size < 9.95) {
    return String(Number(hundredths.toFixed(1)));
  }
  const whole = Math.round(size);
  // 99.6 % is not all of them.
  const near = whole === 100 && size < 100 ? Math.floor(size * 10) / 10 : whole;
  return String(hundredths < 0 ? -near : near);
}

/** An area or a measure of quality: two digits behind the point, more never. */
export function decimal(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : '?';
}

/** “0.55 – 0.67”. */
export function decimals({ low, high }: IInterval): string {
  return [decimal(low), '–', decimal(high)].join(JOIN);
}

/** A difference of two shares in hundredths, with its sign: “+12”, “−3”, “0”. */
export function points(difference: number): string {
  const whole = Math.round(difference * 100);
  return whole > 0 ? `+${whole}` : whole < 0 ? `−${-whole}` : '0';
}

/** “+5 … +19”: a dash between them could be taken for a sign. */
export function pointsRange({ low, high }: IInterval): string {
  return [points(low), '…', points(high)].join(JOIN);
}

/** A small number that may be of any size: “0”, “2.2e-16”, “0.003”. */
export function tiny(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(2)));
}
