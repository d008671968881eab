/** What several tests need: a translation that shows how it was called, and plain records. */
import type {
  IDecision,
  IEvent,
  IPerson,
  IRelease,
  IRequest,
  IStatus
} from '../src/tokens';
import type { ITrans } from '../src/words';
import { Words } from '../src/words';

/** As Lab's own bundle does it: %1, %2 … replaced in one pass, %1 in a plural is the number. */
export const trans: ITrans = {
  __: (text, ...args) => filled(text, args),
  _n: (one, many, n) => filled(n === 1 ? one : many, [String(n)])
};

function filled(text: string, args: string[]): string {
  return text.replace(/%(\d+)/g, (_, at: string) => args[Number(at) - 1]);
}

export const words = new Words(trans);

export const ADA: IPerson = {
  id: 'ada',
  name: 'Ada',
  roles: ['researcher'],
  region: 'eu'
};
export const NOOR: IPerson = { ...ADA, id: 'noor', name: 'Noor' };
export const RUI: IPerson = {
  ...ADA,
  id: 'rui',
  name: 'Rui',
  roles: ['reviewer']
};

export const REF = 'cardio-lab/readmission:1.0';

export function release(change: Partial<IRelease> = {}): IRelease {
  return {
    ref: REF,
    manifest: 'sha256:00',
    name: 'cardio-lab/readmission',
    version: '1.0',
    title: 'Readmission within 30 days',
    summary: 'A random forest.',
    task: 'tabular',
    license: 'CC-BY-NC-4.0',
    sensitivity: 'confidential',
    regions: ['eu'],
    rights: ['infer', 'retrieve'],
    attribution: '',
    owner: ADA,
    exchange_is_custodian: false,
    state: 'published',
    published: '2026-11-01T08:00:00Z',
    facts: {
      scan: 'passed',
      leakage: 'low',
      retained_rows: 'passed',
      isolation: 'sandbox',
      labels: 'complete',
      safe_form: 'passed',
      hidden: 'passed'
    },
    terms: { digest: 'sha256:11', title: 'Lab standard', text: 'Be kind.' },
    mine: false,
    hosted: true,
    parents: [],
    holders: [],
    verbs: [],
    ...change
  };
}

export function request(change: Partial<IRequest> = {}): IRequest {
  return {
    id: 'rq-1',
    ref: REF,
    title: 'Readmission within 30 days',
    person: NOOR,
    right: 'retrieve',
    purpose: { category: 'evaluation', text: 'External validation.' },
    days: 14,
    state: 'in_review',
    turn: 1,
    created: '2026-11-02T08:00:00Z',
    updated: '2026-11-02T08:00:00Z',
    owner: 'reviewers',
    votes: { given: 0, needed: 1, visible: [] },
    grant: null,
    reason: null,
    verbs: [],
    ...change
  };
}

export function decision(change: Partial<IDecision> = {}): IDecision {
  return {
    allowed: true,
    action: 'request',
    policies: [],
    rationale: [],
    advice: [],
    quorum: 1,
    max_days: 30,
    mfa: false,
    alternatives: [],
    ...change
  };
}

export function event(index: number, change: Partial<IEvent> = {}): IEvent {
  return {
    index,
    kind: 'approved',
    at: '2026-11-02T08:00:00Z',
    actor: RUI,
    release: REF,
    request: 'rq-1',
    subject: 'noor',
    reason: 'External validation is what it was made for.',
    policies: ['reviewers-decide'],
    sentence: 'Rui approved it',
    details: {},
    ...change
  };
}

export function status(change: Partial<IStatus> = {}): IStatus {
  return {
    mode: 'personal',
    person: NOOR,
    people: [],
    keystore: 'in memory',
    locked: false,
    ledger: { size: 3, verified_at: null, ok: true, problem: null, hint: null },
    pending: 0,
    ...change
  };
}

/** A promise that is settled by hand. */
export function later<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Let everything that is already settled be heard. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await Promise.resolve();
  }
}
