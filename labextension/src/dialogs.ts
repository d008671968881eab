/** The two questions asked in a dialog: a reason, a passphrase. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import type { ITrans } from './words';

class Question extends Widget implements Dialog.IBodyWidget<string> {
  constructor(
    private readonly field: HTMLInputElement | HTMLTextAreaElement,
    label: string,
    warning: string
  ) {
    super();
    this.addClass('wb-question');
    if (warning) {
      const text = document.createElement('p');
      text.className = 'wb-question-warning';
      text.textContent = warning;
      this.node.append(text);
    }
    const caption = document.createElement('label');
    caption.textContent = label;
    field.required = true;
    caption.append(field);
    this.node.append(caption);
  }

  getValue(): string {
    return this.field.value.trim();
  }
}

export interface IReasonQuestion {
  title: string;
  warning: string;
  label: string;
  accept: string;
  danger: boolean;
}

/** The reason written by the person; null when they changed their mind. */
export async function askReason(
  question: IReasonQuestion,
  trans: ITrans
): Promise<string | null> {
  const field = document.createElement('textarea');
  field.rows = 3;
  field.maxLength = 4000;
  field.dataset.wb = 'reason';
  field.className = 'jp-mod-styled';
  // Blank space is no reason; `pattern` does not exist for text areas.
  field.addEventListener('input', () => {
    field.setCustomValidity(field.value.trim() ? '' : question.label);
  });
  const accept = { label: question.accept, className: 'wb-accept' };
  const result = await showDialog({
    title: question.title,
    body: new Question(field, question.label, question.warning),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      question.danger ? Dialog.warnButton(accept) : Dialog.okButton(accept)
    ],
    focusNodeSelector: 'textarea'
  });
  return result.button.accept ? result.value || null : null;
}

export async function askPassphrase(
  keystore: string,
  /** Why the last passphrase did not fit; empty at first. */
  before: string,
  trans: ITrans
): Promise<string | null> {
  const field = document.createElement('input');
  field.type = 'password';
  field.autocomplete = 'current-password';
  field.dataset.wb = 'passphrase';
  field.className = 'jp-mod-styled';
  const result = await showDialog({
    title: trans.__('Unlock your keys'),
    body: new Question(
      field,
      trans.__('Passphrase'),
      [
        before,
        trans.__(
          'Your keys are %1. The passphrase stays in your Jupyter server, in memory, until that ends.',
          keystore
        )
      ]
        .filter(Boolean)
        .join(' ')
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Unlock') })
    ],
    focusNodeSelector: 'input'
  });
  return result.button.accept ? result.value || null : null;
}
