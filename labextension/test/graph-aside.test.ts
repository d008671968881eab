import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { IWorker } from '../src/graph/aside';
import { Aside, inSlices } from '../src/graph/aside';
import { layOut } from '../src/graph/layout';
import type { IQuestion } from '../src/graph/worker';
import workerText from '../src/graph/worker.text';
import { netOf } from '../src/graph/net';
import { grown } from './lineages';

const net = netOf(grown(80, 160, 2));
const INPUT = {
  sizes: net.nodes.map((): [number, number] => [90, 40]),
  edges: net.edges.map((_, at): [number, number] => [
    net.tail[at],
    net.head[at]
  ])
};
const WHOLE = layOut(INPUT);

/** A worker whose answers a test gives by hand. */
class Worker implements IWorker {
  onmessage: IWorker['onmessage'] = null;
  onerror: IWorker['onerror'] = null;
  readonly questions: IQuestion[] = [];
  ended = false;

  postMessage(question: IQuestion): void {
    this.questions.push(question);
  }

  terminate(): void {
    this.ended = true;
  }
}

test('in slices comes out what comes out at once', async () => {
  assert.deepEqual(await inSlices(INPUT), WHOLE);
});

test('a worker’s answer is the layout, each to its own question', async () => {
  const worker = new Worker();
  const aside = new Aside(() => worker);
  const one = aside.lay(INPUT);
  const other = aside.lay({ sizes: [[1, 1]], edges: [] });
  const [first, second] = worker.questions;
  worker.onmessage?.({ data: { id: second.id, layout: layOut(second.input) } });
  worker.onmessage?.({ data: { id: first.id, layout: layOut(first.input) } });
  assert.equal((await other).boxes.length, 1);
  assert.deepEqual(await one, WHOLE);
  aside.dispose();
  assert.ok(worker.ended);
});

test('where no worker may start, the page does it', async () => {
  const aside = new Aside(() => {
    throw new Error('blocked by the content security policy');
  });
  assert.deepEqual(await aside.lay(INPUT), WHOLE);
});

test('a worker that fails is ended, and what it owed is done by the page', async () => {
  const worker = new Worker();
  let started = 0;
  const aside = new Aside(() => {
    started += 1;
    return worker;
  });
  const layout = aside.lay(INPUT);
  worker.onerror?.({});
  assert.deepEqual(await layout, WHOLE);
  assert.ok(worker.ended);
  assert.deepEqual(await aside.lay(INPUT), WHOLE);
  assert.equal(started, 1, 'it is not tried again');
});

test('a worker that never answers is not waited for', async () => {
  const worker = new Worker();
  const aside = new Aside(() => worker, 1);
  assert.deepEqual(await aside.lay(INPUT), WHOLE);
  assert.ok(worker.ended);
});

test('the bundled worker answers as the page would', () => {
  const answers: unknown[] = [];
  const scope: {
    onmessage: ((event: { data: IQuestion }) => void) | null;
    postMessage(answer: unknown): void;
  } = { onmessage: null, postMessage: answer => answers.push(answer) };
  new Function('self', workerText)(scope);
  scope.onmessage?.({ data: { id: 7, input: INPUT } });
  assert.deepEqual(answers, [{ id: 7, layout: WHOLE }]);
});
