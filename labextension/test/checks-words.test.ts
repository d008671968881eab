import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  decimals,
  percent,
  percents,
  points,
  pointsRange,
  tiny
} from '../src/checks/numbers';
import type { How, Keeping, Method } from '../src/checks/types';
import { CheckWords, PLAIN } from '../src/checks/words';
import { leakage } from './inspected';
import { trans } from './support';

const words = new CheckWords(trans);

/** With the spaces that people type. */
const typed = (text: string): string => text.replace(/\u00a0/g, ' ');

const METHODS: Method[] = [
  'loss',
  'by_class',
  'by_neighbours',
  'ratio',
  'difference',
  'offline',
  'online'
];
const KEPT: Keeping[] = [
  'rows',
  'targets',
  'values',
  'categories',
  'vocabulary',
  'leaves',
  'extremes',
  'labels',
  'aligned'
];
const HOW: How[] = [
  'exact',
  'rounded',
  'near',
  'affine',
  'monotone',
  'linear',
  'counted'
];

test('shares are read as hundredths, and some is never none or all', () => {
  const said: [number, string][] = [
    [0, '0 %'],
    [1, '100 %'],
    [0.17, '17 %'],
    [0.123, '12 %'],
    [0.0123, '1.2 %'],
    [0.01, '1 %'],
    [0.001, '0.1 %'],
    [0.00012, '0.01 %'],
    [0.0999, '10 %'],
    [0.996, '99.6 %'],
    [0.9999999, '99.9 %'],
    [NaN, '? %']
  ];
  for (const [share, text] of said) {
    assert.equal(typed(percent(share)), text);
  }
  assert.notEqual(percent(1e-9), percent(0));
});

test('intervals keep within what is possible', () => {
  assert.equal(typed(percents({ low: -0.1, high: 1.2 })), '0 – 100 %');
  assert.equal(typed(percents({ low: 0.081, high: 0.16 })), '8.1 – 16 %');
  assert.equal(typed(decimals({ low: 0.549, high: 0.671 })), '0.55 – 0.67');
});

test('differences have their sign', () => {
  assert.equal(points(0.12), '+12');
  assert.equal(points(-0.031), '−3');
  assert.equal(points(-0.001), '0');
  assert.equal(typed(pointsRange({ low: -0.05, high: 0.19 })), '−5 … +19');
});

test('tiny numbers are not written as nothing', () => {
  assert.equal(tiny(0), '0');
  assert.equal(tiny(2.2204e-16), '2.2e-16');
  assert.equal(tiny(0.00301), '0.003');
});

test('every word of an inspection has a label, and no two of a kind the same', () => {
  const kinds = [
    METHODS.map(each => words.method(each)),
    KEPT.map(each => words.keeping(each)),
    (['failed', 'concern', 'unknown', 'passed'] as const).map(each =>
      words.outcome(each)
    ),
    (['unsafe', 'concern', 'note'] as const).map(each => words.level(each)),
    (['safe', 'allowed', 'unsafe'] as const).map(each => words.scanned(each))
  ];
  for (const said of kinds) {
    assert.equal(new Set(said.map(each => each.label)).size, said.length);
    assert.ok(said.every(each => each.label && each.explain));
  }
  const forms = HOW.map(how =>
    words.how({ how, transposed: false, after: '' })
  );
  assert.equal(new Set(forms).size, HOW.length);
});

test('outcomes differ in shape, not only in colour', () => {
  const tones = (['failed', 'concern', 'unknown', 'passed'] as const).map(
    each => words.outcome(each).tone
  );
  assert.equal(new Set(tones).size, 4);
});

test('a word that the server adds later is shown as it is', () => {
  assert.equal(words.method('by_magic' as Method).label, 'by magic');
  assert.equal(words.keeping('whole_files' as Keeping).label, 'whole files');
  assert.equal(
    words.how({ how: 'very_odd' as How, transposed: true, after: 'scale' }),
    'very odd, transposed, after scale'
  );
});

test('a point of the picture is two numbers in words, with chance beside them', () => {
  assert.equal(
    typed(words.reading('ratio', 0.01, 0.17)),
    'ratio to other models: with 1 % of the strangers wrongly taken for members, 17 % of the members are recognised; by chance it would be 1 %.'
  );
});

test('the picture is one sentence, with the interval that allows for several tries', () => {
  assert.equal(
    typed(words.picture(leakage())),
    'With 1 % of the strangers wrongly taken for members, the strongest of the attacks recognises 20 % of the members (95 % interval 5 – 35 %); by chance it would be 1 %.'
  );
});

test('too few strangers, or no attack, is said and is not a good result', () => {
  const { strongest } = leakage();
  assert.ok(strongest);
  const rate = { ...strongest.rate, value: null, interval: null };
  const few = words.picture(leakage({ strongest: { ...strongest, rate } }));
  assert.match(few, /too few strangers/);
  const none = words.picture(leakage({ attacks: [], strongest: null }));
  assert.match(none, /No attack could be carried out/);
  for (const said of [few, none]) {
    assert.doesNotMatch(said, /safe|secure|private/i);
  }
});

test('rows are named by position, with how many are not listed', () => {
  assert.equal(
    words.rows([12, 40, 77]),
    'Rows 12, 40, 77 of the training data (counted from 0).'
  );
  assert.equal(
    words.rows([12]),
    'Row 12 of the training data (counted from 0).'
  );
  assert.match(words.rows([12, 40], 5), /and 3 more/);
  const exposure = {
    method: 'ratio' as const,
    at: 0.01,
    recognised: 3,
    expected: 0.512,
    positions: [12, 40, 77]
  };
  assert.equal(
    typed(words.exposure(exposure)),
    '3 training rows are recognised at 1 % false alarms; by chance it would be 0.51. Rows 12, 40, 77 of the training data (counted from 0).'
  );
  assert.doesNotMatch(
    words.exposure({ ...exposure, recognised: 0, positions: [] }),
    /Rows/
  );
});

test('what was tried is said, a quick look as one', () => {
  assert.match(words.tried(leakage({ tier: 'quick' })), /^Quick look/);
  const said = words.tried(leakage());
  assert.match(said, /8 models were trained again/);
  assert.match(said, /200 members .* 200 strangers/);
  assert.match(said, /saw: probabilities/);
});

test('without a translation the words are as they are', () => {
  assert.equal(PLAIN.__('%1 of %2, %1', 'a', 'b'), 'a of b, a');
  assert.equal(PLAIN.__('%3 is kept', 'a'), '%3 is kept');
  assert.equal(PLAIN._n('%1 row', '%1 rows', 1), '1 row');
});
