import assert from 'node:assert/strict';
import { test } from 'node:test';

import { standing } from '../src/standing';
import { clock } from '../src/time';
import type { ISeen } from '../src/standing';
import { request, status, trans } from './support';

const AT = '2026-11-24T12:04:00Z';
const seen = (change: Partial<ISeen> = {}): ISeen => ({
  status: status({ ledger: { ...status().ledger, verified_at: AT } }),
  requests: [],
  review: [],
  failed: false,
  ...change
});
const said = (change: Partial<ISeen> = {}) => standing(seen(change), trans);

test('name, log, and only what waits', () => {
  assert.equal(said(), `Noor · log verified ${clock(AT)}`);
  assert.match(said({ review: [request(), request()] }), / · 2 to review$/);
});

test('a question to the requester is not called a review', () => {
  const words = said({ requests: [request({ state: 'returned' })] });
  assert.match(words, / · 1 question for you$/);
  assert.doesNotMatch(words, /review/);
});

test('the workshop says that it is one', () => {
  const workshop = status({ mode: 'workshop' });
  assert.match(
    said({ status: workshop }),
    /^Noor \(workshop\) · log not verified/
  );
});

test('a log that does not match comes before everything else', () => {
  const ledger = { ...status().ledger, ok: false };
  assert.equal(
    said({ status: status({ ledger, locked: true }), review: [request()] }),
    'log does not match'
  );
});

test('loading, missing, locked and not set up are told apart', () => {
  assert.equal(said({ status: null }), 'Sharing…');
  assert.equal(
    said({ status: null, failed: true }),
    'Sharing is not available'
  );
  assert.equal(said({ status: status({ locked: true }) }), 'Sharing: locked');
  assert.equal(
    said({ status: status({ person: null }) }),
    'Sharing: not set up'
  );
});
