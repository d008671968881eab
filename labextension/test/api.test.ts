import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Problem } from '../src/api';
import type { Route } from './server';
import { MemoryServer } from './server';
import { decision, REF, request, status } from './support';

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  try {
    await promise;
  } catch (thrown) {
    assert.ok(thrown instanceof Problem);
    return thrown;
  }
  assert.fail('it should have been refused');
}

const answering = (path: string, route: Route) =>
  new MemoryServer({ [path]: route });

test('a refusal keeps what happened, what was not changed, what to do and the decision', async () => {
  const body = {
    error: 'Denied',
    message: 'Not outside the region.',
    unchanged: 'No request was made.',
    hint: 'Ask for it hosted.',
    step: null,
    decision: decision({ allowed: false, policies: ['data-stays-in-region'] })
  };
  const server = answering('request', () => ({ status: 403, json: body }));
  const problem = await problemOf(
    server.api.ask({
      ref: REF,
      right: 'retrieve',
      purpose: { category: 'research', text: 'x' },
      days: 1,
      accepted_terms: 'sha256:1'
    })
  );
  assert.equal(problem.kind, 'Denied');
  assert.equal(problem.status, 403);
  assert.equal(problem.message, body.message);
  assert.equal(problem.unchanged, body.unchanged);
  assert.equal(problem.hint, body.hint);
  assert.deepEqual(problem.decision?.policies, ['data-stays-in-region']);
});

test('a failed trust step is named', async () => {
  const json = { error: 'TrustError', message: 'Changed.', step: 'log growth' };
  const server = answering('status', () => ({ status: 422, json }));
  const problem = await problemOf(server.api.status());
  assert.equal(problem.step, 'log growth');
  assert.equal(problem.decision, null);
});

test('a page instead of an answer says that the server part is missing', async () => {
  const problem = await problemOf(new MemoryServer({}).api.status());
  assert.equal(problem.kind, 'Unavailable');
  assert.match(problem.message, /not running/);
  assert.match(problem.hint, /Install the package/);
});

test('a proxy’s error page is told by its number, never shown as it is', async () => {
  const text = '<script>alert(1)</script>';
  const server = answering('status', () => ({ status: 502, text }));
  const problem = await problemOf(server.api.status());
  assert.equal(problem.message, 'The server answered with 502.');
});

test('a JSON body that is no object does not break the message', async () => {
  for (const json of [null, 'no', 7]) {
    const server = answering('status', () => ({ status: 500, json }));
    const problem = await problemOf(server.api.status());
    assert.equal(problem.message, 'The server answered with 500.');
    assert.equal(problem.kind, 'Unavailable');
  }
});

test('a server that is gone says so', async () => {
  const server = answering('status', () => {
    throw new TypeError('fetch failed');
  });
  const problem = await problemOf(server.api.status());
  assert.equal(problem.status, 0);
  assert.match(problem.message, /does not answer/);
});

test('anything thrown becomes a problem once', () => {
  const first = Problem.of(new Error('odd'));
  assert.equal(first.message, 'odd');
  assert.equal(Problem.of(first), first);
  assert.equal(Problem.of('text').message, 'text');
});

test('questions go by GET with what is set, acts by POST with a body', async () => {
  const server = new MemoryServer({
    ledger: () => ({ json: { entries: [] } }),
    decide: () => ({ json: request() }),
    status: () => ({ json: status() })
  });
  await server.api.ledger({ release: 'a/b:1&x=2', person: '', before: 0 });
  await server.api.decide({ id: 'rq-1', vote: 'reject', rationale: 'No.' });
  const [ledger, decide] = server.calls;
  assert.equal(ledger.method, 'GET');
  const { release, before, person } = ledger.query;
  assert.deepEqual([release, before, person], ['a/b:1&x=2', '0', undefined]);
  assert.equal(decide.method, 'POST');
  assert.deepEqual(decide.body, {
    id: 'rq-1',
    vote: 'reject',
    rationale: 'No.'
  });
});

test('a resubmission names the request, not the release', async () => {
  const server = answering('request/resubmit', () => ({ json: request() }));
  await server.api.resubmit('rq-1', {
    ref: REF,
    right: 'infer',
    purpose: { category: 'audit', text: 'x' },
    days: 3,
    accepted_terms: 'sha256:1'
  });
  assert.deepEqual(server.calls[0].body, {
    id: 'rq-1',
    purpose: { category: 'audit', text: 'x' },
    days: 3,
    right: 'infer',
    accepted_terms: 'sha256:1'
  });
});

test('a receipt has the name the server gave it, or a usual one', async () => {
  const named = answering('ledger/receipt', () => ({
    text: 'c2sp.org/tlog-proof@v1',
    headers: {
      'Content-Disposition': 'attachment; filename="receipt-7.tlog-proof"'
    }
  }));
  assert.deepEqual(await named.api.receipt(7), {
    name: 'receipt-7.tlog-proof',
    text: 'c2sp.org/tlog-proof@v1'
  });
  const bare = answering('ledger/receipt', () => ({ text: 'x' }));
  assert.equal((await bare.api.receipt(7)).name, 'entry-7.tlog-proof');
});
