import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ago, clock, day, endOf, moment, until } from '../src/time';
import { trans } from './support';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const before = (seconds: number) =>
  new Date(NOW - seconds * 1000).toISOString();
const after = (seconds: number) => before(-seconds);
const HOUR = 3600;
const DAY = 24 * HOUR;

test('a past time is said in the largest whole unit, after two weeks as a date', () => {
  const said: [number, string][] = [
    [0, 'just now'],
    [59, 'just now'],
    [60, '1 min ago'],
    [HOUR - 1, '59 min ago'],
    [HOUR, '1 h ago'],
    [DAY - 1, '23 h ago'],
    [DAY, '1 d ago'],
    [14 * DAY - 1, '13 d ago'],
    [14 * DAY, day(before(14 * DAY))]
  ];
  for (const [seconds, sentence] of said) {
    assert.equal(ago(before(seconds), NOW, trans), sentence);
  }
});

test('a clock that is a little ahead never shows a time in the future', () => {
  assert.equal(ago(after(90), NOW, trans), 'just now');
});

test('an end never promises more than is left', () => {
  const said: [number, string][] = [
    [-1, 'expired'],
    [0, 'expired'],
    [30, 'expires in 1 min'],
    [HOUR, 'expires in 1 h'],
    [2 * DAY - 1, 'expires in 47 h'],
    [2 * DAY, 'expires in 2 d'],
    [6.9 * DAY, 'expires in 6 d']
  ];
  for (const [seconds, sentence] of said) {
    assert.equal(until(after(seconds), NOW, trans), sentence);
  }
});

test('what is no time is shown as it came instead of “Invalid Date”', () => {
  for (const odd of ['', 'soon']) {
    assert.equal(ago(odd, NOW, trans), odd);
    assert.equal(until(odd, NOW, trans), odd);
    assert.equal(day(odd), odd);
    assert.equal(clock(odd), odd);
  }
});

test('the end of a period is as many days away as were asked for', () => {
  assert.equal(endOf(14, NOW), day(NOW + 14 * DAY * 1000));
  assert.notEqual(endOf(14, NOW), endOf(15, NOW));
});

test('a moment names day and clock', () => {
  const at = before(0);
  assert.equal(moment(at), `${day(at)}, ${clock(at)}`);
});
