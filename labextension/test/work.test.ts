import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { IWork } from '../src/answers';
import { Problem } from '../src/api';
import { Work } from '../src/work';
import { MemoryServer } from './server';
import { later } from './support';

const SEALING: IWork = { what: 'Sealing', done: 1, total: 4, stoppable: true };

/** Waits until `work` shows what it should. */
function seen(work: Work, fits: (work: Work) => boolean): Promise<void> {
  return new Promise(resolve => {
    const look = (): void => {
      if (fits(work)) {
        work.changed.disconnect(look);
        resolve();
      }
    };
    work.changed.connect(look);
    look();
  });
}

test('it is followed under one name while it lasts', async () => {
  const server = new MemoryServer({
    work: () => ({ json: { work: SEALING } })
  });
  const work = new Work(server.api, 5);
  const act = later<string>();
  let name = '';
  const done = work.run(id => {
    name = id;
    return act.promise;
  });
  await seen(work, ({ now }) => now?.what === 'Sealing');
  assert.deepEqual(work.now, SEALING);
  assert.match(name, /^[a-z0-9-]{8,64}$/);
  assert.equal(server.calls[0].query.id, name);
  act.resolve('granted');
  assert.equal(await done, 'granted');
  assert.equal(work.now, null);
});

test('a server that cannot say how far it is does not disturb it', async () => {
  const server = new MemoryServer({ work: () => ({ status: 500, json: {} }) });
  const work = new Work(server.api, 5);
  assert.equal(await work.run(() => Promise.resolve(1)), 1);
  assert.equal(work.now, null);
});

test('cancelling is asked for once, and ends as the server says', async () => {
  const answer = later<{ json: unknown }>();
  const server = new MemoryServer({
    work: () => ({ json: { work: null } }),
    'work/cancel': () => answer.promise
  });
  const work = new Work(server.api, 5);
  const act = later<string>();
  const done = work.run(() => act.promise);
  const first = work.cancel();
  await work.cancel();
  assert.equal(work.cancelling, true);
  answer.resolve({ json: { cancelled: true } });
  await first;
  assert.equal(server.count('work/cancel'), 1);
  assert.equal(work.cancelling, true);
  act.reject(new Problem(409, { error: 'Cancelled', message: 'Cancelled.' }));
  await assert.rejects(done, (thrown: Problem) => thrown.kind === 'Cancelled');
});

test('what came too late, or was not heard, can be pressed again', async () => {
  for (const route of [
    () => ({ json: { cancelled: false } }),
    () => ({ status: 500, json: {} })
  ]) {
    const server = new MemoryServer({ 'work/cancel': route });
    const work = new Work(server.api, 5);
    await work.cancel();
    assert.equal(work.cancelling, false);
  }
});
