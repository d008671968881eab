import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { IForm } from '../src/request/form';
import {
  applied,
  askOf,
  firstForm,
  validDays,
  wrong
} from '../src/request/form';
import { decision, release, request, trans } from './support';

const RELEASE = release();
const GOOD: IForm = {
  right: 'retrieve',
  category: 'evaluation',
  text: 'External validation at another site.',
  days: 14,
  accepted: RELEASE.terms.digest
};
const faults = (change: Partial<IForm>, given = decision()) =>
  wrong({ ...GOOD, ...change }, RELEASE, given, trans);

test('a new form asks for the least right offered and accepts nothing', () => {
  const form = firstForm(RELEASE, 14, null);
  assert.equal(form.right, 'infer');
  assert.equal(form.days, 14);
  assert.equal(form.accepted, '');
});

test('asking again starts from what was asked, but the terms are accepted anew', () => {
  const form = firstForm(RELEASE, 14, request({ days: 7 }));
  assert.equal(form.right, 'retrieve');
  assert.equal(form.days, 7);
  assert.equal(form.text, 'External validation.');
  assert.equal(form.accepted, '');
});

test('a complete form has nothing against it', () => {
  assert.deepEqual(faults({}), {});
  assert.deepEqual(wrong(GOOD, RELEASE, null, trans), {});
});

test('each field says what is missing, all at once', () => {
  const found = faults({
    text: '  ',
    days: 0,
    right: 'fine_tune',
    accepted: ''
  });
  assert.deepEqual(Object.keys(found).sort(), [
    'accepted',
    'days',
    'right',
    'text'
  ]);
});

test('a purpose of a word asks for a little more', () => {
  assert.match(faults({ text: 'testing' }).text ?? '', /A little more/);
});

test('days must be whole, at least one, and within the policy', () => {
  for (const days of [0, -1, 1.5, Number.NaN, Infinity, 1e9]) {
    assert.equal(validDays(days), false);
    assert.ok(faults({ days }).days);
  }
  assert.match(faults({ days: 31 }).days ?? '', /At most 30 days/);
  assert.equal(faults({ days: 30 }).days, undefined);
  assert.equal(
    faults({ days: 400 }, decision({ max_days: 0 })).days,
    undefined
  );
});

test('terms that changed after they were accepted are asked for again', () => {
  const other = release({ terms: { ...RELEASE.terms, digest: 'sha256:22' } });
  const found = wrong(GOOD, other, null, trans);
  assert.match(found.accepted ?? '', /have changed/);
});

test('what is sent carries the terms that were accepted, not the ones of the moment', () => {
  const other = release({ terms: { ...RELEASE.terms, digest: 'sha256:22' } });
  const ask = askOf({ ...GOOD, text: '  x  ' }, other);
  assert.equal(ask.accepted_terms, RELEASE.terms.digest);
  assert.equal(ask.purpose.text, 'x');
});

test('an alternative sets its fields and leaves the rest', () => {
  const form = applied(GOOD, { right: 'infer', days: 30, purpose: 'audit' });
  assert.deepEqual(form, {
    ...GOOD,
    right: 'infer',
    days: 30,
    category: 'audit'
  });
  assert.deepEqual(applied(GOOD, {}), GOOD);
});

test('an alternative never accepts terms in the person’s place', () => {
  const form = applied({ ...GOOD, accepted: '' }, { terms_accepted: true });
  assert.equal(form.accepted, '');
});
