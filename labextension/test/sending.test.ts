import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Problem } from '../src/api';
import { Sendings } from '../src/review/sending';
import { later, settled } from './support';

const APPROVAL = { vote: 'approve', work: null } as const;

test('a vote on its way is known by its key, wherever one looks', async () => {
  const sendings = new Sendings();
  const act = later<void>();
  sendings.start('rui a 1', APPROVAL, () => act.promise);
  assert.equal(sendings.of('rui a 1'), APPROVAL);
  assert.equal(sendings.of('rui b 1'), null);
  assert.equal(sendings.of('vera a 1'), null);
  act.resolve();
  await settled();
  assert.deepEqual(sendings.of('rui a 1'), APPROVAL); // sent stays sent
});

test('it is sent once; after a failure it can be sent again', async () => {
  const sendings = new Sendings();
  let sent = 0;
  let told = 0;
  sendings.changed.connect(() => {
    told += 1;
  });
  const failing = () => {
    sent += 1;
    return Promise.reject(new Problem(409, { message: 'Cancelled.' }));
  };
  sendings.start('a', APPROVAL, failing);
  sendings.start('a', APPROVAL, failing);
  await settled();
  assert.equal(sent, 1);
  assert.equal(sendings.of('a'), null);
  assert.equal(sendings.problem('a')?.message, 'Cancelled.');
  assert.equal(told, 2);
  sendings.start('a', APPROVAL, () => {
    sent += 1;
    return Promise.resolve();
  });
  assert.equal(sendings.problem('a'), null);
  await settled();
  sendings.start('a', APPROVAL, failing);
  await settled();
  assert.equal(sent, 2);
  assert.equal(sendings.problem('a'), null);
});
