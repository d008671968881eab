import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ReviewState } from '../src/review/state';
import type { ISharing } from '../src/tokens';
import { request } from './support';

/** The part of the model that the queue is read from. */
const queueOf = (...ids: string[]) =>
  ({ review: ids.map(id => request({ id })) }) as unknown as ISharing;

test('the first in the queue is open until another is chosen', () => {
  const state = new ReviewState(queueOf('a', 'b'));
  assert.equal(state.current, 'a');
  state.open('b');
  assert.equal(state.current, 'b');
});

test('what is read stays open when something comes in before it', () => {
  const model = { review: [request({ id: 'b' })] };
  const state = new ReviewState(model as unknown as ISharing);
  state.pin();
  model.review = [request({ id: 'a' }), request({ id: 'b' })];
  assert.equal(state.current, 'b');
});

test('after a vote the next one opens before the server’s list says so', () => {
  const state = new ReviewState(queueOf('a', 'b'));
  state.decided('a', 1, 'You approved it.');
  assert.equal(state.current, 'b');
  assert.deepEqual(state.queue, ['b']);
  assert.equal(state.said, 'You approved it.');
});

test('after a vote what is read by then stays open', () => {
  const state = new ReviewState(queueOf('a', 'b', 'c'));
  state.open('c');
  state.decided('a', 1, 'You approved it.');
  assert.equal(state.current, 'c');
  assert.deepEqual(state.queue, ['b', 'c']);
});

test('a request is seen where its tab is, and nowhere else', () => {
  const state = new ReviewState(queueOf('a', 'b'));
  assert.equal(state.shows('a'), false);
  state.isVisible = () => true;
  assert.equal(state.shows('a'), true);
  assert.equal(state.shows('b'), false);
});

test('a request that comes back on a new turn waits again', () => {
  const model = { review: [request({ id: 'a', turn: 1 })] };
  const state = new ReviewState(model as unknown as ISharing);
  state.decided('a', 1, '');
  assert.deepEqual(state.queue, []);
  model.review = [request({ id: 'a', turn: 2 })];
  assert.deepEqual(state.queue, ['a']);
});

test('steps stop at the ends', () => {
  const state = new ReviewState(queueOf('a', 'b'));
  assert.equal(state.canStep(-1), false);
  state.step(1);
  assert.equal(state.current, 'b');
  state.step(1);
  assert.equal(state.current, 'b');
});

test('another person starts with their own queue', () => {
  const state = new ReviewState(queueOf('a', 'b'));
  state.decided('a', 1, 'done');
  state.reset();
  assert.equal(state.said, '');
  assert.deepEqual(state.queue, ['a', 'b']);
});
