import assert from 'node:assert/strict';
import { test } from 'node:test';

import { choose, NO_CHOICE } from '../src/panel/choose';
import { release } from './support';

const ALL = [
  release(),
  release({
    ref: 'heart/ecg-net:0.3',
    title: 'ECG network',
    summary: 'Arrhythmia',
    task: 'signal',
    sensitivity: 'open',
    rights: ['infer']
  })
];
const refs = (text: string, more = {}) =>
  choose(ALL, { ...NO_CHOICE, text, ...more }).map(each => each.ref);

test('nothing chosen shows everything', () => {
  assert.equal(choose(ALL, NO_CHOICE).length, 2);
  assert.equal(refs('   ').length, 2);
});

test('every word must occur, anywhere and in any case', () => {
  assert.deepEqual(refs('SIGNAL ecg'), ['heart/ecg-net:0.3']);
  assert.deepEqual(refs('ecg readmission'), []);
  assert.equal(refs('ada').length, 2); // by its owner
});

test('a filter narrows further than the search', () => {
  assert.equal(refs('', { sensitivity: 'open' }).length, 1);
  assert.equal(refs('', { right: 'retrieve' }).length, 1);
  assert.deepEqual(refs('ecg', { right: 'retrieve' }), []);
});

test('characters that mean something in a pattern are looked for as they are', () => {
  assert.deepEqual(refs('.*'), []);
  assert.deepEqual(refs('ecg-net:0.3'), ['heart/ecg-net:0.3']);
});
