/** Reports of an inspection, as small as they can be and still say something. */
import type {
  IAttack,
  ICheckRow,
  ILeakageReport,
  IReleaseChecks
} from '../src/checks/types';
import { REF } from './support';

/** An attack as `workbench/leakage/curves.py` reports it of 200 strangers. */
export function attack(change: Partial<IAttack> = {}): IAttack {
  return {
    method: 'ratio',
    auc: 0.74,
    interval: { low: 0.69, high: 0.79 },
    rates: [
      {
        at: 0.1,
        value: 0.4,
        interval: { low: 0.3, high: 0.5 },
        false_positives: 20
      },
      {
        at: 0.01,
        value: 0.2,
        interval: { low: 0, high: 0.3 },
        false_positives: 2
      },
      { at: 0.001, value: null, interval: null, false_positives: 0 }
    ],
    curve: [
      [0, 0.08],
      [0.005, 0.12],
      [0.01, 0.2],
      [0.1, 0.4],
      [1, 1]
    ],
    ...change
  };
}

export function leakage(change: Partial<ILeakageReport> = {}): ILeakageReport {
  const one = attack();
  return {
    tier: 'thorough',
    task: 'classification',
    answers: 'probabilities',
    members: 200,
    nonmembers: 200,
    repeated: 0,
    references: 8,
    wanted: 8,
    seed: 0,
    attacks: [
      attack({
        method: 'loss',
        curve: [
          [0.005, 0.01],
          [1, 1]
        ]
      }),
      one
    ],
    strongest: {
      tried: 2,
      method: 'loss',
      auc: 0.75,
      interval: { low: 0.68, high: 0.81 },
      rate_method: 'ratio',
      rate: {
        at: 0.01,
        value: 0.2,
        interval: { low: 0.05, high: 0.35 },
        false_positives: 2
      }
    },
    tail: null,
    exposure: null,
    groups: [],
    attributes: [],
    performance: null,
    shifted: [],
    gaps: [],
    ...change
  };
}

export function row(change: Partial<ICheckRow> = {}): ICheckRow {
  return {
    key: 'scan',
    title: 'Unsafe content',
    outcome: 'unknown',
    sentence: 'Nobody measured this.',
    advice: '',
    ...change
  };
}

export function checks(change: Partial<IReleaseChecks> = {}): IReleaseChecks {
  return {
    ref: REF,
    available: true,
    why: null,
    rows: [],
    scan: null,
    retained: null,
    retained_sentences: [],
    leakage: null,
    leakage_words: [],
    canaries: null,
    canary_words: [],
    band: 'unknown',
    converted: null,
    converted_sentences: [],
    hidden: null,
    hidden_sentences: [],
    gaps: [],
    ...change
  };
}
