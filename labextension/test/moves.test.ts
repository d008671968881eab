import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ISight } from '../src/moves';
import { moves } from '../src/moves';
import type { IGrant, IRequest } from '../src/tokens';
import { NOOR, REF, release, request, RUI, words } from './support';

const sight = (change: Partial<ISight> = {}): ISight => ({
  viewer: 'noor',
  catalogue: [release()],
  requests: [],
  review: [],
  ...change
});
const between = (one: Partial<ISight>, other: Partial<ISight>) =>
  moves(sight(one), sight(other), words);
const became = (change: Partial<IRequest>) =>
  between({ requests: [request()] }, { requests: [request(change)] });
const vote = {
  reviewer: RUI,
  vote: 'approve' as const,
  rationale: 'Fine.',
  at: '',
  days: null,
  right: null,
  mark: false
};
const grant: IGrant = {
  id: 'gr-1',
  request: 'rq-1',
  release: REF,
  person: NOOR,
  right: 'retrieve',
  not_before: '2026-11-02T08:00:00Z',
  not_after: '2026-12-02T08:00:00Z',
  state: 'active',
  marked: false,
  revocable: false
};

test('nothing moved, nothing is said', () => {
  assert.deepEqual(became({}), []);
  assert.deepEqual(became({ state: 'approved' }), []); // granting follows at once
});

test('a grant names who approved, and opens the request', () => {
  const votes = { given: 1, needed: 1, visible: [vote] };
  assert.deepEqual(became({ state: 'granted', votes }), [
    {
      kind: 'good',
      text: 'Rui approved your request for readmission 1.0: get the weights.',
      request: 'rq-1'
    }
  ]);
});

test('a recipient is told that their copy is marked', () => {
  const votes = { given: 1, needed: 1, visible: [vote] };
  const marked = { ...grant, marked: true };
  const [notice] = became({ state: 'granted', votes, grant: marked });
  assert.match(
    notice.text,
    /weights\. Your copy carries a mark that names this grant\.$/
  );
});

test('a grant that nobody had to approve still reads well', () => {
  const [notice] = became({ state: 'granted' });
  assert.match(notice.text, /^Your request for readmission 1\.0 was granted/);
});

test('a “no” or a question carries its reason', () => {
  for (const state of ['rejected', 'returned', 'revoked'] as const) {
    const [notice] = became({ state, reason: 'Which site?' });
    assert.match(notice.text, /“Which site\?”$/);
    assert.equal(notice.request, 'rq-1');
  }
});

test('an end of time is told without alarm', () => {
  assert.equal(became({ state: 'expired' })[0].kind, 'plain');
});

test('one new request is named, several are counted', () => {
  const one = between({}, { review: [request()] });
  assert.equal(one[0].text, '1 to review: Noor asks for readmission 1.0.');
  assert.equal(one[0].request, 'rq-1');
  const two = between({}, { review: [request(), request({ id: 'rq-2' })] });
  assert.equal(two[0].text, '2 to review.');
  assert.equal(two[0].request, null);
});

test('holders hear when a release they hold nears its end; others do not', () => {
  const held = { requests: [request({ state: 'granted', grant })] };
  const retired = { catalogue: [release({ state: 'retired' })] };
  const [notice] = between(held, { ...held, ...retired });
  assert.match(notice.text, /^readmission 1\.0 is now retired\. No new access/);
  assert.equal(notice.request, 'rq-1');
  assert.deepEqual(between({}, retired), []);
});

test('another person looking is not news', () => {
  const other = sight({ viewer: 'rui', review: [request()] });
  assert.deepEqual(moves(sight(), other, words), []);
});

test('a hostile name stays one text and is not filled in again', () => {
  const person = { ...NOOR, name: '%2 <b>%1</b>' };
  const [notice] = between({}, { review: [request({ person })] });
  assert.equal(
    notice.text,
    '1 to review: %2 <b>%1</b> asks for readmission 1.0.'
  );
});
