/**
 * What the server answers about long work and found files; the contract goes on from `tokens.ts`.
 *
 * Every type mirrors one view of the HTTP API (`workbench/lab`); nothing here has behaviour.
 */

/** How far long work is. */
export interface IWork {
  /** What is happening now, in words; empty before anything is. */
  what: string;
  done: number;
  total: number;
  /** Whether it can still be cancelled. */
  stoppable: boolean;
}

/** A copy that was marked for somebody. */
export interface IMarkedCopy {
  id: string;
  at: string;
  ref: string;
  manifest: string;
  person: string;
  /** The person's name, or the beginning of a key. */
  name: string;
  recipient: string | null;
  devices: string[];
  /** Made when a request was approved, not packed into a file. */
  granted: boolean;
  sentence: string;
}

/** Whose copy one found file is, and what that rests on. */
export interface IWhoseFile {
  file: string;
  original: string;
  /** The file is the unmarked model itself. */
  unmarked: boolean;
  model: string;
  verdict: 'named' | 'nobody' | 'unclear';
  named: IMarkedCopy[];
  scores: { grant: string; z: number }[];
  tested: number;
  threshold: number;
  false_alarm: number;
  wrong_keys: number;
  wrong_largest: number;
  tensors: number;
  missing: number;
  weights: number;
  notes: string[];
  sentences: string[];
}

export interface IWhose {
  verdict: 'named' | 'nobody' | 'unclear';
  files: IWhoseFile[];
}
