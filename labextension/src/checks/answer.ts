/** What the rows of the tab are, in which order, and what is behind them. Pure. */
import type {
  CheckKey,
  ICheckRow,
  IFileScan,
  IFinding,
  IReleaseChecks
} from './types';

/** So much of a long list is shown at first. */
export const FIRST = 20;

const OUTCOMES = ['failed', 'concern', 'unknown', 'passed'];
const LEVELS = ['unsafe', 'concern', 'note'];
const SCANNED = ['unsafe', 'allowed', 'safe'];

/** What failed first, then what a person has to weigh, then what nobody measured. */
export function inOrder(rows: ICheckRow[]): ICheckRow[] {
  const rank = (row: ICheckRow): number => OUTCOMES.indexOf(row.outcome);
  return [...rows].sort((one, other) => rank(one) - rank(other));
}

/** The worst files first. */
export function filesInOrder(files: IFileScan[]): IFileScan[] {
  const rank = (file: IFileScan): number => SCANNED.indexOf(file.outcome);
  return [...files].sort((one, other) => rank(one) - rank(other));
}

/** The worst findings first, so that a cut list never hides one behind a note. */
export function findingsInOrder(findings: IFinding[]): IFinding[] {
  const rank = (finding: IFinding): number => LEVELS.indexOf(finding.level);
  return [...findings].sort((one, other) => rank(one) - rank(other));
}

/** Whether a row has something to open. */
export function hasEvidence(answer: IReleaseChecks, key: CheckKey): boolean {
  switch (key) {
    case 'scan':
      return answer.scan !== null;
    case 'form':
      return answer.converted !== null;
    case 'retained':
      return answer.retained !== null;
    case 'leakage':
      return answer.leakage !== null;
    case 'canaries':
      return answer.canaries !== null;
    case 'hidden':
      return answer.hidden_sentences.length > 0;
    default:
      return false;
  }
}

/**
 * Whether nobody has run the inspection, as far as the person who looks can know: the evidence is
 * `readable` and has none in it, or all is unknown. Labels of the data are known without one.
 */
export function isUninspected(
  answer: IReleaseChecks,
  readable: boolean
): boolean {
  const unknown = answer.rows.every(
    ({ key, outcome }) =>
      key === 'labels' || (outcome === 'unknown' && !hasEvidence(answer, key))
  );
  return readable && (!answer.available || unknown);
}

/** All that was not measured, each once. */
export function gapsOf(answer: IReleaseChecks): string[] {
  return [
    ...new Set([
      ...answer.gaps,
      ...(answer.retained?.gaps ?? []),
      ...(answer.leakage?.gaps ?? [])
    ])
  ];
}

/** The sentences that are not shown as what was not measured. */
export function without(sentences: string[], gaps: string[]): string[] {
  return sentences.filter(sentence => !gaps.includes(sentence));
}
