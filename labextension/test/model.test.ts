import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { SharingModel } from '../src/model';
import type { INotice } from '../src/tokens';
import type { IAnswer, Route } from './server';
import { MemoryServer } from './server';
import {
  ADA,
  later,
  NOOR,
  release,
  request,
  RUI,
  status,
  words
} from './support';

/** A model over a server in memory, with the routes that a test changes. */
function made(t: TestContext, routes: Record<string, Route> = {}) {
  const server = new MemoryServer({
    status: () => ({ json: status() }),
    catalogue: () => ({ json: { releases: [release()] } }),
    requests: () => ({ json: { requests: [request()] } }),
    review: () => ({ json: { requests: [] } }),
    ...routes
  });
  const model = new SharingModel(server.api, words, 3600);
  t.after(() => model.dispose());
  return { server, model };
}

test('one look fills every part, and views are told once', async t => {
  const { model } = made(t);
  let told = 0;
  model.changed.connect(() => (told += 1));
  const before = model.catalogue;
  assert.equal(before, null);
  await model.refresh();
  assert.equal(model.status?.person?.id, 'noor');
  assert.equal(model.catalogue?.length, 1);
  assert.equal(model.requests?.length, 1);
  assert.deepEqual(model.review, []);
  await model.refresh();
  assert.equal(told, 1); // the second look saw the same
});

test('with locked keys, or nobody set up, nothing more is asked', async t => {
  for (const change of [{ locked: true }, { person: null }]) {
    const { model, server } = made(t, {
      status: () => ({ json: status(change) })
    });
    await model.refresh();
    assert.equal(model.catalogue, null);
    assert.equal(model.problem, null);
    assert.equal(server.count('catalogue'), 0);
  }
});

test('a failed look keeps what was seen and says why; a good one clears it', async t => {
  let fail = false;
  const { model } = made(t, {
    catalogue: () =>
      fail
        ? { status: 503, json: { error: 'Unavailable', message: 'Busy.' } }
        : { json: { releases: [release()] } }
  });
  await model.refresh();
  fail = true;
  await model.refresh();
  assert.equal(model.problem?.message, 'Busy.');
  assert.equal(model.catalogue?.length, 1);
  fail = false;
  await model.refresh();
  assert.equal(model.problem, null);
});

test('a log that stopped matching shows even though everything else is refused', async t => {
  let ok = true;
  const { model } = made(t, {
    status: () => ({
      json: status({ ledger: { ...status().ledger, ok, problem: 'Cut.' } })
    }),
    catalogue: () =>
      ok
        ? { json: { releases: [] } }
        : { status: 422, json: { error: 'TrustError', message: 'Cut.' } }
  });
  await model.refresh();
  ok = false;
  await model.refresh();
  assert.equal(model.status?.ledger.ok, false);
});

test('an answer asked for before somebody else was played is dropped', async t => {
  const slow = later<IAnswer>();
  let person = NOOR;
  let hold = false;
  const { model } = made(t, {
    status: () => ({ json: status({ mode: 'workshop', person }) }),
    identity: () => ({ json: status({ person }) }),
    requests: () => (hold ? slow.promise : { json: { requests: [] } })
  });
  await model.refresh();
  hold = true;
  const stale = model.refresh();
  await new Promise(resolve => setImmediate(resolve)); // it is on its way
  hold = false;
  person = RUI;
  await model.playAs('rui');
  slow.resolve({ json: { requests: [request({ id: 'of-noor' })] } });
  await stale;
  assert.equal(model.status?.person?.id, 'rui');
  assert.deepEqual(model.requests, []);
});

test('playing somebody else shows nothing of the one before while it loads', async t => {
  const slow = later<IAnswer>();
  let hold = false;
  const { model } = made(t, {
    identity: () => ({ json: status() }),
    catalogue: () => (hold ? slow.promise : { json: { releases: [] } })
  });
  await model.refresh();
  hold = true;
  const playing = model.playAs('rui');
  const seen = new Promise(resolve => model.changed.connect(resolve));
  await seen;
  assert.equal(model.requests, null);
  slow.resolve({ json: { releases: [] } });
  await playing;
});

test('a draft is kept for each request and each person, until it is sent', async t => {
  let person = RUI;
  const { model } = made(t, { status: () => ({ json: status({ person }) }) });
  await model.refresh();
  const draft = {
    rationale: 'Fine',
    days: 7,
    right: null,
    mark: true,
    vote: null
  };
  model.keepDraft('rq-1', draft);
  assert.deepEqual(model.draft('rq-1'), draft);
  assert.equal(model.draft('rq-2').rationale, '');
  person = ADA;
  await model.refresh();
  assert.equal(model.draft('rq-1').rationale, '');
  person = RUI;
  await model.refresh();
  assert.deepEqual(model.draft('rq-1'), draft);
  model.keepDraft('rq-1', null);
  assert.equal(model.draft('rq-1').rationale, '');
});

test('what moved is told, but not at the first look and not across people', async t => {
  let state = request();
  let person = NOOR;
  const { model } = made(t, {
    status: () => ({ json: status({ person }) }),
    requests: () => ({ json: { requests: [state] } })
  });
  const told: INotice[] = [];
  model.moved.connect((_, notices) => told.push(...notices));
  await model.refresh();
  assert.deepEqual(told, []);
  state = request({ state: 'granted' });
  await model.refresh();
  assert.equal(told.length, 1);
  person = ADA;
  state = request({ state: 'rejected' });
  await model.refresh();
  assert.equal(told.length, 1);
});

test('verifying puts the outcome where the status bar reads it', async t => {
  const outcome = { ...status().ledger, ok: false, problem: 'Entry 3.' };
  const { model } = made(t, { 'ledger/verify': () => ({ json: outcome }) });
  await model.refresh();
  await model.verifyLedger();
  assert.deepEqual(model.status?.ledger, outcome);
});

test('a wrong passphrase is an error, and nothing is asked again', async t => {
  const { model, server } = made(t, {
    unlock: () => ({
      status: 503,
      json: { error: 'Unavailable', message: 'Does not open.' }
    })
  });
  await model.refresh();
  const before = server.calls.length;
  await assert.rejects(model.unlock('x'), /Does not open/);
  assert.equal(server.calls.length, before + 1);
});
