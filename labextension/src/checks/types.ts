/**
 * What the server tells of a release's inspection; mirrors `workbench/findings`.
 *
 * Counts, rates, names of columns and positions of rows; never a value of a record.
 */
import type { Band, Labelling, Verdict } from '../tokens';

export type CheckKey =
  'scan' | 'form' | 'retained' | 'leakage' | 'canaries' | 'hidden' | 'labels';
export type CheckOutcome = 'passed' | 'failed' | 'concern' | 'unknown';
export type Level = 'unsafe' | 'concern' | 'note';

/** What a listing says was measured. */
export interface IFacts {
  scan: Verdict;
  leakage: Band;
  retained_rows: Verdict;
  isolation: 'none' | 'sandbox';
  labels: Labelling;
  /** No file is in a form that could run code. */
  safe_form: Verdict;
  /** Failed: something else is stored in the weights. */
  hidden: Verdict;
}

export interface ICheckRow {
  key: CheckKey;
  title: string;
  outcome: CheckOutcome;
  sentence: string;
  /** Empty where there is nothing to do. */
  advice: string;
}

export interface IFinding {
  rule: string;
  level: Level;
  where: string;
  offset: number | null;
  what: string;
  why: string;
  remedy: string;
}

export type ScanOutcome = 'safe' | 'allowed' | 'unsafe';

export interface IFileScan {
  path: string;
  kind: string;
  outcome: ScanOutcome;
  reason: string;
  findings: IFinding[];
  dropped: number;
  names: string[];
  more_names: number;
}

export interface IScanReport {
  rules: string;
  files: IFileScan[];
}

export type Keeping =
  | 'rows'
  | 'targets'
  | 'values'
  | 'categories'
  | 'vocabulary'
  | 'leaves'
  | 'extremes'
  | 'labels'
  | 'aligned';
export type How =
  'exact' | 'rounded' | 'near' | 'affine' | 'monotone' | 'linear' | 'counted';

export interface IKept {
  where: string;
  kind: Keeping;
  how: How;
  level: Level;
  after: string;
  transposed: boolean;
  count: number;
  of: number;
  /** Of training rows, from 0. */
  positions: number[];
  columns: string[];
  why: string;
  remedy: string;
}

export interface IRetainedReport {
  k: number;
  of: number;
  rows: number;
  targets: number;
  found: IKept[];
  more: number;
  gaps: string[];
}

export type Method =
  | 'loss'
  | 'by_class'
  | 'by_neighbours'
  | 'ratio'
  | 'difference'
  | 'offline'
  | 'online'
  | 'learned';

export interface IInterval {
  low: number;
  high: number;
}

/** The share of members recognised where the share `at` of non-members is wrongly taken for some. */
export interface IRate {
  at: number;
  value: number | null;
  interval: IInterval | null;
  false_positives: number;
}

export interface IAttack {
  method: Method;
  auc: number;
  interval: IInterval;
  rates: IRate[];
  /** Pairs of false and true positive rate, rising. */
  curve: [number, number][];
}

export interface IStrongest {
  tried: number;
  method: Method;
  auc: number;
  interval: IInterval;
  rate_method: Method;
  rate: IRate;
}

export interface IExposure {
  method: Method;
  at: number;
  recognised: number;
  expected: number;
  positions: number[];
}

export interface IGroup {
  of: string;
  name: string;
  members: number;
  nonmembers: number;
  auc: number;
  interval: IInterval;
}

export interface IAttribute {
  column: string;
  choices: number;
  records: number;
  with_model: number;
  without_model: number;
  advantage: number;
  interval: IInterval;
  outsiders: number;
  training: number;
  training_interval: IInterval;
}

export interface ITail {
  share: number;
  members: number;
  nonmembers: number;
  p_value: number;
}

export interface IPerformance {
  metric: string;
  members: number;
  nonmembers: number;
}

export interface ILeakageReport {
  tier: 'quick' | 'thorough';
  task: 'classification' | 'regression';
  answers: 'probabilities' | 'scores' | 'labels' | 'numbers';
  members: number;
  nonmembers: number;
  repeated: number;
  references: number;
  wanted: number;
  seed: number;
  attacks: IAttack[];
  strongest: IStrongest | null;
  tail: ITail | null;
  exposure: IExposure | null;
  groups: IGroup[];
  attributes: IAttribute[];
  performance: IPerformance | null;
  /** Columns, or `truth`, in which training data and holdout surely differ. */
  shifted: string[];
  gaps: string[];
}

/** Records planted before training, and as many that were kept aside. */
export interface ICanaries {
  planted: number;
  aside: number;
  auc: number;
  interval: IInterval;
  /** In bits, on average; and by chance. */
  exposure: number;
  chance: number;
}

export interface IConvertedReport {
  source: string;
  form: string;
  loader: string;
  files: string[];
  compared: string;
  rows: number;
  outputs: number;
  difference: number;
  tolerance: number;
  equal: true;
  trust: string[];
  build: string;
  left_out: string[];
}

/** What was inspected of a release; the answer to `GET checks`. */
export interface IReleaseChecks {
  ref: string;
  /** False where nothing can be shown beside `rows`: no keys, or no inspection; `why` says it. */
  available: boolean;
  why: string | null;
  rows: ICheckRow[];
  scan: IScanReport | null;
  retained: IRetainedReport | null;
  retained_sentences: string[];
  leakage: ILeakageReport | null;
  leakage_words: string[];
  /** Null where nobody planted any. */
  canaries: ICanaries | null;
  canary_words: string[];
  band: Band;
  converted: IConvertedReport | null;
  converted_sentences: string[];
  hidden: object | null;
  hidden_sentences: string[];
  /** What was not measured, and why. */
  gaps: string[];
}
