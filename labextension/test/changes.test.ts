import assert from 'node:assert/strict';
import { test } from 'node:test';

import { earlierTurns } from '../src/review/changes';
import type { IEvent, IRequestDetail } from '../src/tokens';
import { decision, event, release, request } from './support';

const asked = (index: number, change: Partial<IEvent> = {}) =>
  event(index, {
    kind: index === 1 ? 'requested' : 'resubmitted',
    reason: `purpose ${index}`,
    details: { right: 'retrieve', days: index * 10, purpose: 'research' },
    ...change
  });

const detail = (history: IEvent[]): IRequestDetail => ({
  ...request(),
  release: release(),
  decision: decision(),
  evidence: { available: false, why: null, statements: [] },
  checks: [],
  earlier: [],
  history,
  unmarkable: null,
  technical: []
});

test('a first request has nothing before it', () => {
  assert.deepEqual(earlierTurns(detail([asked(1)])), []);
});

test('each turn but the present one is shown, the latest first', () => {
  const turns = earlierTurns(detail([asked(1), event(2), asked(3), asked(5)]));
  assert.deepEqual(
    turns.map(turn => [turn.asked.days, turn.asked.purpose.text]),
    [
      [30, 'purpose 3'],
      [10, 'purpose 1']
    ]
  );
});

test('other people’s requests in the release’s history are left out', () => {
  const other = asked(1, { request: 'rq-9' });
  assert.deepEqual(earlierTurns(detail([other, asked(3)])), []);
});

test('an entry that cannot be read is left out, not guessed', () => {
  for (const details of [{}, { right: 'all', days: 1, purpose: 'research' }]) {
    const turns = earlierTurns(detail([asked(1, { details }), asked(3)]));
    assert.deepEqual(turns, []);
  }
});
