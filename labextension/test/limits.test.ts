import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { IChoice } from '../src/review/limits';
import { faultOf, mostDays, possible } from '../src/review/limits';
import type { IDecision, IRequestDetail, VoteKind } from '../src/tokens';
import { decision, release, request, trans } from './support';

function detail(given: Partial<IDecision> = {}): IRequestDetail {
  return {
    ...request(),
    release: release(),
    decision: decision({ action: 'decide', ...given }),
    evidence: { available: false, why: null, statements: [] },
    unmarkable: null,
    checks: [],
    earlier: [],
    history: [],
    technical: []
  };
}

const CHOICE: IChoice = {
  rationale: 'It is what the model was made for.',
  days: 14,
  right: 'retrieve',
  mark: false
};
const fault = (vote: VoteKind, change: Partial<IChoice>, given = {}) =>
  faultOf(vote, { ...CHOICE, ...change }, detail(given), trans);

test('a reviewer can allow what was asked or less, never more', () => {
  assert.equal(mostDays(detail()), 14); // asked 14, policy 30
  assert.equal(mostDays(detail({ max_days: 7 })), 7);
  assert.equal(mostDays(detail({ max_days: 0 })), 14);
  assert.equal(fault('approve', { days: 15 })?.field, 'days');
  assert.equal(fault('approve', { days: 14 }), null);
});

test('every vote needs a reason that is more than blanks', () => {
  for (const vote of ['approve', 'return', 'reject'] as const) {
    assert.equal(fault(vote, { rationale: ' \n\t' })?.field, 'rationale');
    assert.equal(fault(vote, {}), null);
  }
});

test('odd days stand against an approval only', () => {
  for (const days of [0, -1, 1.5, Number.NaN]) {
    assert.equal(fault('approve', { days })?.field, 'days');
    assert.equal(fault('reject', { days }), null);
  }
});

test('turning down is possible also where the policy forbids approving', () => {
  const denied = detail({ allowed: false });
  assert.equal(possible('approve', CHOICE, denied), false);
  assert.equal(possible('return', CHOICE, denied), true);
  assert.equal(possible('reject', CHOICE, denied), true);
});

test('an alternative of the policy can be approved, as it is or shorter', () => {
  const denied = detail({
    allowed: false,
    alternatives: [{ change: { right: 'infer', days: 7 }, sentence: '' }]
  });
  const can = (change: Partial<IChoice>) =>
    possible('approve', { ...CHOICE, ...change }, denied);
  assert.equal(can({ right: 'infer', days: 7 }), true);
  assert.equal(can({ right: 'infer', days: 3 }), true);
  assert.equal(can({ right: 'infer', days: 8 }), false);
  assert.equal(can({ right: 'retrieve', days: 7 }), false);
});
