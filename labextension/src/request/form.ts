/** The request form without its looks: what is entered, what is wrong with it. Pure. */
import type {
  IAsk,
  IChange,
  IDecision,
  IRelease,
  IRequest,
  PurposeKind,
  Right
} from '../tokens';
import type { ITrans } from '../words';

export interface IForm {
  right: Right;
  category: PurposeKind;
  text: string;
  days: number;
  /** The digest of the terms that were accepted; empty while none were. */
  accepted: string;
}

export type Field = 'right' | 'text' | 'days' | 'accepted';

/** A purpose shorter than this tells a reviewer nothing. */
export const LEAST_PURPOSE = 10;
const LONGEST_PERIOD = 3650;

/** What a form starts with: the least right offered, or what was asked before. */
export function firstForm(
  release: IRelease,
  days: number,
  before: IRequest | null
): IForm {
  const served = release.rights.filter(
    right => right === 'retrieve' || release.hosted
  );
  const [least] = served.length > 0 ? served : release.rights;
  return {
    right: before?.right ?? least ?? 'infer',
    category: before?.purpose.category ?? 'research',
    text: before?.purpose.text ?? '',
    days: before?.days ?? days,
    accepted: ''
  };
}

/** What stands against sending, by field; empty when nothing does. */
export function wrong(
  form: IForm,
  release: IRelease,
  decision: IDecision | null,
  trans: ITrans
): Partial<Record<Field, string>> {
  const found: Partial<Record<Field, string>> = {};
  if (!release.rights.includes(form.right)) {
    found.right = trans.__('This release does not offer that.');
  }
  const length = form.text.trim().length;
  if (length < LEAST_PURPOSE) {
    found.text =
      length === 0
        ? trans.__('Say what for, in one or two sentences.')
        : trans.__('A little more, so that a reviewer understands it.');
  }
  const days = daysProblem(form.days, decision, trans);
  if (days) {
    found.days = days;
  }
  if (form.accepted !== release.terms.digest) {
    found.accepted = form.accepted
      ? trans.__('The terms have changed. Read them and accept them again.')
      : trans.__('Read the terms and accept them.');
  }
  return found;
}

function daysProblem(
  days: number,
  decision: IDecision | null,
  trans: ITrans
): string | null {
  if (!validDays(days)) {
    return trans.__('A whole number of days, at least 1.');
  }
  const most = decision?.max_days ?? 0;
  return most > 0 && days > most
    ? trans._n('At most %1 day here.', 'At most %1 days here.', most)
    : null;
}

export function validDays(days: number): boolean {
  return Number.isInteger(days) && days >= 1 && days <= LONGEST_PERIOD;
}

/**
 * The form with an alternative's change put in; the rest stays as entered. Terms are never accepted
 * this way: that takes the person's own hand.
 */
export function applied(form: IForm, change: IChange): IForm {
  return {
    ...form,
    right: change.right ?? form.right,
    days: change.days ?? form.days,
    category: change.purpose ?? form.category
  };
}

export function askOf(form: IForm, release: IRelease): IAsk {
  return {
    ref: release.ref,
    right: form.right,
    purpose: { category: form.category, text: form.text.trim() },
    days: form.days,
    accepted_terms: form.accepted
  };
}
