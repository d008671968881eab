import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import type { IAsked } from '../src/request/asker';
import { Asker } from '../src/request/asker';
import { later, settled } from './support';

/** An asker whose answers come when the test says so, on a clock that the test moves. */
function made(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const asked: string[] = [];
  const answers = new Map<string, ReturnType<typeof later<string>>>();
  const states: IAsked<string>[] = [];
  const asker = new Asker<string, string>(
    question => {
      asked.push(question);
      const answer = later<string>();
      answers.set(question, answer);
      return answer.promise;
    },
    state => states.push(state)
  );
  const last = () => states[states.length - 1];
  return { asker, asked, answers, states, last };
}

test('keys in quick succession ask once, for what is there at the end', t => {
  const { asker, asked } = made(t);
  asker.want('1');
  t.mock.timers.tick(100);
  asker.want('14');
  t.mock.timers.tick(299);
  assert.deepEqual(asked, []);
  t.mock.timers.tick(1);
  assert.deepEqual(asked, ['14']);
});

test('an answer that comes late does not replace a newer one', async t => {
  const { asker, answers, last } = made(t);
  asker.want('a');
  t.mock.timers.tick(300);
  asker.want('b');
  t.mock.timers.tick(300);
  answers.get('b')?.resolve('yes to b');
  await settled();
  answers.get('a')?.resolve('no to a');
  await settled();
  assert.deepEqual(last(), {
    answer: 'yes to b',
    asking: false,
    problem: null
  });
});

test('the last answer stays while the next is on its way', async t => {
  const { asker, answers, last } = made(t);
  asker.want('a');
  t.mock.timers.tick(300);
  answers.get('a')?.resolve('yes');
  await settled();
  asker.want('b');
  assert.deepEqual(last(), { answer: 'yes', asking: true, problem: null });
});

test('a failure replaces the answer, so that it cannot be taken for the present one', async t => {
  const { asker, answers, last } = made(t);
  asker.want('a');
  t.mock.timers.tick(300);
  answers.get('a')?.reject(new Error('away'));
  await settled();
  assert.equal(last().answer, null);
  assert.equal(last().problem?.message, 'away');
});

test('what cannot be asked about clears the answer at once', async t => {
  const { asker, asked, last } = made(t);
  asker.want('a');
  asker.want(null);
  t.mock.timers.tick(1000);
  assert.deepEqual(asked, []);
  assert.deepEqual(last(), { answer: null, asking: false, problem: null });
});

test('after it was stopped nothing is told any more', async t => {
  const { asker, answers, states } = made(t);
  asker.want('a');
  t.mock.timers.tick(300);
  const before = states.length;
  asker.stop();
  answers.get('a')?.resolve('yes');
  await settled();
  assert.equal(states.length, before);
});
