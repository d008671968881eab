import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Once } from '../src/once';
import { later, settled } from './support';

test('a second press while the first is on its way does nothing', () => {
  const once = new Once();
  let sent = 0;
  const act = () => {
    sent += 1;
    return later<boolean>().promise;
  };
  assert.equal(once.start(act), true);
  assert.equal(once.start(act), false);
  assert.equal(sent, 1);
});

test('after success nothing can be sent any more; after a failure it can', async () => {
  const once = new Once();
  assert.equal(
    once.start(() => Promise.resolve(false)),
    true
  );
  await settled();
  assert.equal(
    once.start(() => Promise.resolve(true)),
    true
  );
  await settled();
  assert.equal(
    once.start(() => Promise.resolve(true)),
    false
  );
});
