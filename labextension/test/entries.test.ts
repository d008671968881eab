import assert from 'node:assert/strict';
import { test } from 'node:test';

import { byDay, merged, verdict } from '../src/ledger/entries';
import { clock, day } from '../src/time';
import { event, trans } from './support';

const OK = {
  size: 842,
  verified_at: '2026-11-24T12:04:00Z',
  ok: true,
  problem: null,
  hint: null
};

test('pages become one list, newest first, each entry once', () => {
  const list = merged([event(3), event(2)], [event(4), event(3), event(1)]);
  assert.deepEqual(
    list.map(each => each.index),
    [4, 3, 2, 1]
  );
});

test('an entry read again replaces what was read before', () => {
  const [only] = merged([event(1)], [event(1, { sentence: 'newer' })]);
  assert.equal(only.sentence, 'newer');
});

test('entries stand under their day, in order', () => {
  const days = byDay([
    event(3, { at: '2026-11-20T12:00:00Z' }),
    event(2, { at: '2026-11-20T11:00:00Z' }),
    event(1, { at: '2026-11-18T12:00:00Z' })
  ]);
  assert.deepEqual(
    days.map(([label, rows]) => [label, rows.map(each => each.index)]),
    [
      [day('2026-11-20T12:00:00Z'), [3, 2]],
      [day('2026-11-18T12:00:00Z'), [1]]
    ]
  );
});

test('the verdict says how many, checked when, unbroken since when', () => {
  const since = '2026-03-03T10:00:00Z';
  assert.equal(
    verdict(OK, 842, since, trans),
    `842 entries, verified ${clock(OK.verified_at)}, unbroken since ${day(since)}.`
  );
  assert.match(verdict({ ...OK, size: 1 }, 1, null, trans), /^1 entry, /);
});

test('entries that came after the check are not called verified', () => {
  assert.equal(
    verdict(OK, 845, null, trans),
    `845 entries, 842 of them verified ${clock(OK.verified_at)}.`
  );
});

test('a log nobody verified yet is not called unbroken', () => {
  const said = verdict({ ...OK, verified_at: null }, 842, '2026-03-03', trans);
  assert.equal(said, '842 entries, not verified yet.');
});

test('a log that does not match is never called verified', () => {
  const broken = { ...OK, ok: false, problem: 'Entry 7 changed.' };
  const said = verdict(broken, 842, '2026-03-03', trans);
  assert.match(said, /does not match/);
  assert.match(said, /Entry 7 changed\.$/);
  assert.doesNotMatch(said, /verified|unbroken/);
});
