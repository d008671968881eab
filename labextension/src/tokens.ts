/**
 * The contract: what the server answers, and the Lumino tokens other modules ask for.
 *
 * Every type mirrors one view of the HTTP API (`workbench/lab`); nothing here has behaviour.
 */
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { Api, Problem } from './api';
import type { ICheckRow, IFacts } from './checks/types';

export type Right = 'infer' | 'retrieve' | 'fine_tune';
export type Sensitivity = 'open' | 'internal' | 'confidential' | 'restricted';
export type PurposeKind =
  'research' | 'evaluation' | 'teaching' | 'audit' | 'production';
export type Verdict = 'passed' | 'failed' | 'unknown';
export type Band = 'low' | 'medium' | 'high' | 'unknown';
export type Labelling = 'unknown' | 'partial' | 'complete';
export type VoteKind = 'approve' | 'return' | 'reject';
export type ReleaseState = 'published' | 'deprecated' | 'retired' | 'withdrawn';
export type ReleaseVerb = 'deprecate' | 'retire' | 'withdraw';
export type GrantState = 'active' | 'expired' | 'revoked';
export type RequestState =
  | 'submitted'
  | 'in_review'
  | 'returned'
  | 'approved'
  | 'granted'
  | 'rejected'
  | 'withdrawn'
  | 'expired'
  | 'revoked';
/** What a node of a lineage stands for, how an edge is known, and what it says of its ends. */
export type NodeKind =
  | 'source'
  | 'step'
  | 'data'
  | 'function'
  | 'model'
  | 'metric'
  | 'file'
  | 'release';
export type Mark = 'observed' | 'resolved' | 'inferred';
export type EdgeVerb =
  'read' | 'used' | 'made' | 'changed' | 'wrote' | 'became';
export type RequestVerb = 'withdraw' | 'resubmit' | 'renew' | 'decide';
/** Whose turn a request is. */
export type Turn = 'requester' | 'reviewers' | 'system' | 'nobody';

export interface IPerson {
  id: string;
  name: string;
  roles: string[];
  region: string;
}

export interface ILedgerState {
  size: number;
  verified_at: string | null;
  ok: boolean;
  problem: string | null;
  hint: string | null;
}

export interface IStatus {
  mode: 'workshop' | 'personal';
  person: IPerson | null;
  /** Who can be played; only in workshop mode. */
  people: IPerson[];
  /** Where the keys are, in words. */
  keystore: string;
  locked: boolean;
  ledger: ILedgerState;
  pending: number;
}

export interface ITerms {
  digest: string;
  title: string;
  text: string;
}

export interface IGrant {
  id: string;
  request: string;
  release: string;
  person: IPerson;
  right: Right;
  not_before: string;
  not_after: string;
  state: GrantState;
  /** The copy of the weights carries a mark that names this grant. */
  marked: boolean;
  revocable: boolean;
}

export interface IParent {
  ref: string;
  state: ReleaseState;
}

export interface IDescendant extends IParent {
  holders: number;
}

export interface IRelease {
  ref: string;
  manifest: string;
  name: string;
  version: string;
  title: string;
  summary: string;
  task: string;
  license: string;
  sensitivity: Sensitivity;
  regions: string[];
  rights: Right[];
  attribution: string;
  owner: IPerson;
  /** True for level open: the exchange itself grants, so it holds the keys. */
  exchange_is_custodian: boolean;
  state: ReleaseState;
  published: string;
  facts: IFacts;
  terms: ITerms;
  mine: boolean;
  /** Whether a host serves the exchange, so that rights other than retrieve can be used. */
  hosted: boolean;
  parents: IParent[];
  /** Only where the viewer owns the release, or is its steward or reviewer. */
  holders: IGrant[];
  verbs: ReleaseVerb[];
}

export interface IVote {
  reviewer: IPerson;
  vote: VoteKind;
  rationale: string;
  at: string;
  days: number | null;
  right: Right | null;
  mark: boolean;
}

export interface IPurpose {
  category: PurposeKind;
  text: string;
}

export interface IRequest {
  id: string;
  ref: string;
  title: string;
  person: IPerson;
  right: Right;
  purpose: IPurpose;
  days: number;
  state: RequestState;
  turn: number;
  created: string;
  updated: string;
  owner: Turn;
  votes: { given: number; needed: number; visible: IVote[] };
  grant: IGrant | null;
  /** The latest rationale shown to the requester. */
  reason: string | null;
  verbs: RequestVerb[];
}

/**
 * What an alternative sets, in the words of the policy's question (`workbench/policy`); of a
 * question about publishing, only the notebook's Share form makes use.
 */
export interface IChange {
  right?: Right;
  days?: number;
  purpose?: PurposeKind;
  terms_accepted?: boolean;
  rights?: Right[];
  license?: string;
  license_known?: boolean;
  license_allows_redistribution?: boolean;
  terms_present?: boolean;
}

export interface IAlternative {
  change: IChange;
  sentence: string;
}

export interface IDecision {
  allowed: boolean;
  action: string;
  policies: string[];
  rationale: string[];
  advice: string[];
  quorum: number;
  max_days: number;
  mfa: boolean;
  alternatives: IAlternative[];
}

/** What the server says when it refuses or fails. */
export interface IProblemBody {
  error: string;
  message: string;
  unchanged: string;
  hint: string;
  step: string | null;
  decision: IDecision | null;
}

export interface IEvent {
  index: number;
  kind: string;
  at: string;
  actor: IPerson;
  release: string | null;
  request: string | null;
  subject: string | null;
  reason: string;
  policies: string[];
  sentence: string;
  details: Record<string, unknown>;
}

export interface ICheck {
  title: string;
  outcome: Verdict;
  sentence: string;
}

export interface IEvidence {
  available: boolean;
  why: string | null;
  statements: { title: string; rows: [string, string][] }[];
}

export interface IDataset {
  name: string;
  classification: Sensitivity;
  regions: string[];
  licence: string;
  source: string;
  annotations: Record<string, unknown>;
}

export interface INode {
  id: string;
  kind: NodeKind;
  label: string;
  /** Which keys there are depends on the kind; see `workbench/origin/graph.py`. */
  details: Record<string, unknown>;
  dataset: IDataset | null;
}

/** `source` came first, `target` came of it. */
export interface IEdge {
  source: string;
  target: string;
  verb: EdgeVerb;
  mark: Mark;
}

/** A lineage without cycles; `target` is what it is about, `gaps` say what was not seen. */
export interface IGraph {
  nodes: INode[];
  edges: IEdge[];
  target: string | null;
  gaps: string[];
}

export interface IProvenance {
  ref: string;
  title: string;
  available: boolean;
  why: string | null;
  graph: IGraph | null;
  checks: ICheck[];
  parents: IParent[];
  descendants: IDescendant[];
}

/** One thing that is not as it was in the release before; `lines` start with +, − or a blank. */
export interface IChanged {
  name: string;
  kind: 'added' | 'removed' | 'changed';
  before: string;
  after: string;
  lines: string[];
}

export interface IChangeSection {
  title: string;
  same: number;
  left_out: number;
  changes: IChanged[];
}

export interface ISince {
  ref: string;
  published: string;
  entry: number;
}

export interface IReleaseChanges {
  ref: string;
  available: boolean;
  why: string | null;
  since: ISince | null;
  proof: [string, string][];
  sections: IChangeSection[];
}

export interface IRequestDetail extends IRequest {
  release: IRelease;
  decision: IDecision;
  evidence: IEvidence;
  /** Why a copy cannot carry a mark; null as far as it can. */
  unmarkable: string | null;
  checks: ICheckRow[];
  earlier: IRequest[];
  history: IEvent[];
  technical: [string, string][];
}

export interface ILedgerPage {
  size: number;
  entries: IEvent[];
  verified: ILedgerState;
  since: string | null;
}

export interface ILedgerFilter {
  release?: string;
  person?: string;
  kind?: string;
  before?: number;
  limit?: number;
}

/** What a person asks for; the body of `POST request`. */
export interface IAsk {
  ref: string;
  right: Right;
  purpose: IPurpose;
  days: number;
  accepted_terms: string;
}

export interface IVoteDraft {
  rationale: string;
  days: number | null;
  right: Right | null;
  /** Approve with a marked copy only. */
  mark: boolean;
  /** The button chosen with a, r or x; Ctrl+Enter sends it. */
  vote: VoteKind | null;
}

/** Something that moved between two looks at the exchange, worth telling. */
export interface INotice {
  kind: 'good' | 'bad' | 'plain';
  text: string;
  /** The request to open; null opens the panel. */
  request: string | null;
}

/** The one state all views draw. */
export interface ISharing {
  readonly api: Api;
  readonly status: IStatus | null;
  /** null until the first answer. */
  readonly catalogue: IRelease[] | null;
  readonly requests: IRequest[] | null;
  readonly review: IRequest[] | null;
  /** Why the last refresh failed; null when it did not. */
  readonly problem: Problem | null;
  readonly defaultDays: number;
  /** Emitted when anything above differs from before. */
  readonly changed: ISignal<ISharing, void>;
  /** Emitted after each look at the exchange, also when nothing moved. */
  readonly looked: ISignal<ISharing, void>;
  /** Emitted when something happened that the person should hear of. */
  readonly moved: ISignal<ISharing, INotice[]>;
  /** Ask the server again; never rejects. */
  refresh(): Promise<void>;
  playAs(person: string): Promise<void>;
  unlock(passphrase: string): Promise<void>;
  verifyLedger(): Promise<ILedgerState>;
  release(ref: string): IRelease | null;
  request(id: string): IRequest | null;
  draft(id: string): IVoteDraft;
  keepDraft(id: string, draft: IVoteDraft | null): void;
}

export const ISharing = new Token<ISharing>(
  '@sharing-workbench/labextension:ISharing',
  'The state of the exchange as this person sees it.'
);
