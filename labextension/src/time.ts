/** Times as people say them. Pure: “now” is an argument. */
import type { ITrans } from './words';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** “just now”, “5 min ago”, “2 h ago”, “3 d ago”, then the date. */
export function ago(time: string, now: number, trans: ITrans): string {
  const then = Date.parse(time);
  if (Number.isNaN(then)) {
    return time;
  }
  const passed = Math.max(0, now - then);
  if (passed < MINUTE) {
    return trans.__('just now');
  }
  if (passed < HOUR) {
    return trans.__('%1 min ago', whole(passed / MINUTE));
  }
  if (passed < DAY) {
    return trans.__('%1 h ago', whole(passed / HOUR));
  }
  if (passed < 14 * DAY) {
    return trans.__('%1 d ago', whole(passed / DAY));
  }
  return day(time);
}

/** “expires in 6 d”, “expires in 3 h”, “expired”. */
export function until(time: string, now: number, trans: ITrans): string {
  const left = Date.parse(time) - now;
  if (Number.isNaN(left)) {
    return time;
  }
  if (left <= 0) {
    return trans.__('expired');
  }
  if (left < HOUR) {
    return trans.__('expires in %1 min', String(Math.ceil(left / MINUTE)));
  }
  if (left < 2 * DAY) {
    return trans.__('expires in %1 h', whole(left / HOUR));
  }
  return trans.__('expires in %1 d', whole(left / DAY));
}

/** “8 Dec 2026”, in the reader's language. */
export function day(time: string | number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime())
    ? String(time)
    : date.toLocaleDateString(undefined, {
        day: 'numeric',
        month: 'short',
        year: 'numeric'
      });
}

/** “12:04”. */
export function clock(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime())
    ? time
    : date.toLocaleTimeString(undefined, {
        hour: '2-digit',
        minute: '2-digit'
      });
}

/** Day and clock: “8 Dec 2026, 12:04”. */
export function moment(time: string): string {
  return `${day(time)}, ${clock(time)}`;
}

/** The day a period of some days starting now ends. */
export function endOf(days: number, now: number): string {
  return day(now + days * DAY);
}

function whole(value: number): string {
  return String(Math.floor(value));
}
