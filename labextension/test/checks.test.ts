import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  filesInOrder,
  findingsInOrder,
  gapsOf,
  hasEvidence,
  inOrder,
  isUninspected,
  without
} from '../src/checks/answer';
import type {
  CheckKey,
  IFileScan,
  IFinding,
  IRetainedReport
} from '../src/checks/types';
import { checks, leakage, row } from './inspected';
import { MemoryServer } from './server';
import { REF } from './support';

const RETAINED: IRetainedReport = {
  k: 5,
  of: 768,
  rows: 0,
  targets: 0,
  found: [],
  more: 0,
  gaps: ['A step could not be looked into.']
};

test('the inspection is asked for by its release', async () => {
  const answer = checks({ rows: [row()], leakage: leakage(), band: 'medium' });
  const server = new MemoryServer({ checks: () => ({ json: answer }) });
  assert.deepEqual(await server.api.checks(REF), answer);
  assert.equal(server.calls[0].method, 'GET');
  assert.equal(server.calls[0].query.ref, REF);
});

test('what failed comes first, what passed last, the rest as the server has it', () => {
  const rows = [
    row({ key: 'scan', outcome: 'passed' }),
    row({ key: 'form', outcome: 'unknown' }),
    row({ key: 'retained', outcome: 'failed' }),
    row({ key: 'hidden', outcome: 'unknown' }),
    row({ key: 'leakage', outcome: 'concern' })
  ];
  assert.deepEqual(
    inOrder(rows).map(each => each.key),
    ['retained', 'leakage', 'form', 'hidden', 'scan']
  );
  assert.equal(rows[0].key, 'scan', 'the answer is left as it is');
});

test('the worst files and findings come first', () => {
  const file = (outcome: IFileScan['outcome']) => ({ outcome }) as IFileScan;
  assert.deepEqual(
    filesInOrder([file('safe'), file('unsafe'), file('allowed')]).map(
      each => each.outcome
    ),
    ['unsafe', 'allowed', 'safe']
  );
  const finding = (level: IFinding['level']) => ({ level }) as IFinding;
  assert.deepEqual(
    findingsInOrder([
      finding('note'),
      finding('concern'),
      finding('unsafe')
    ]).map(each => each.level),
    ['unsafe', 'concern', 'note']
  );
});

test('a row opens where there is something to see', () => {
  const keys: CheckKey[] = [
    'scan',
    'form',
    'retained',
    'leakage',
    'canaries',
    'hidden',
    'labels'
  ];
  const opens = (answer = checks()): CheckKey[] =>
    keys.filter(key => hasEvidence(answer, key));
  assert.deepEqual(opens(), []);
  assert.deepEqual(
    opens(
      checks({
        leakage: leakage(),
        retained: RETAINED,
        canaries: {
          planted: 50,
          aside: 50,
          auc: 0.8,
          interval: { low: 0.7, high: 0.9 },
          exposure: 2.3,
          chance: 1.4
        },
        hidden: {},
        hidden_sentences: ['Nothing was found.']
      })
    ),
    ['retained', 'leakage', 'canaries', 'hidden']
  );
});

test('a release that nobody inspected is told from one with results', () => {
  const rows = [row(), row({ key: 'leakage' })];
  assert.ok(isUninspected(checks({ rows }), true));
  const labels = row({ key: 'labels', outcome: 'passed' });
  assert.ok(isUninspected(checks({ rows: [...rows, labels] }), true));
  const found = row({ key: 'retained', outcome: 'failed' });
  assert.ok(!isUninspected(checks({ rows: [...rows, found] }), true));
  assert.ok(
    !isUninspected(checks({ rows, leakage: leakage() }), true),
    'what was tried without a result is no lack of an inspection'
  );
});

test('who cannot read the evidence is not told that nobody inspected', () => {
  const scanned = [row({ outcome: 'passed' }), row({ key: 'leakage' })];
  const closed = checks({ rows: scanned, available: false, why: 'No keys.' });
  assert.ok(!isUninspected(closed, false));
  assert.ok(!isUninspected({ ...closed, rows: [row()] }, false));
  assert.ok(isUninspected(closed, true), 'it was opened, and has none in it');
});

test('each gap is said once, also one that only a report has', () => {
  const answer = checks({
    gaps: ['Groups were left out.'],
    retained: RETAINED,
    leakage: leakage({ gaps: ['Groups were left out.', 'No column is known.'] })
  });
  assert.deepEqual(gapsOf(answer), [
    'Groups were left out.',
    'A step could not be looked into.',
    'No column is known.'
  ]);
  assert.deepEqual(without(['It works.', ...gapsOf(answer)], gapsOf(answer)), [
    'It works.'
  ]);
});
