import assert from 'node:assert/strict';
import { test } from 'node:test';

import { difference, following, neighbour } from '../src/review/queue';
import { request, words } from './support';

const QUEUE = ['a', 'b', 'c'];

test('next and previous stop at the ends', () => {
  assert.equal(neighbour(QUEUE, 'a', 1), 'b');
  assert.equal(neighbour(QUEUE, 'c', 1), null);
  assert.equal(neighbour(QUEUE, 'a', -1), null);
  assert.equal(neighbour([], 'a', 1), null);
});

test('from outside the queue the first one comes', () => {
  assert.equal(neighbour(QUEUE, null, 1), 'a');
  assert.equal(neighbour(QUEUE, 'gone', -1), 'a');
});

test('after a decision the next opens; after the last, the one before; then none', () => {
  assert.equal(following(QUEUE, 'b'), 'c');
  assert.equal(following(QUEUE, 'c'), 'b');
  assert.equal(following(['c'], 'c'), null);
});

test('after deciding what is not in the queue, its first opens', () => {
  assert.equal(following(QUEUE, 'elsewhere'), 'a');
});

test('a difference marks exactly what was changed', () => {
  const was = request({
    days: 60,
    purpose: { category: 'research', text: 'x' }
  });
  const rows = difference(was, request(), words);
  assert.deepEqual(
    rows.map(row => [row.name, row.was, row.is, row.same]),
    [
      ['Right', 'Get the weights', 'Get the weights', true],
      ['Period', '60 days', '14 days', false],
      ['Kind of purpose', 'Research', 'Evaluation', false],
      ['Purpose', 'x', 'External validation.', false]
    ]
  );
});
