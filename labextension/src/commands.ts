/** Names of all commands, what they take, and how their problems are told. */
import { Dialog, showErrorMessage } from '@jupyterlab/apputils';
import type {
  ReadonlyJSONObject,
  ReadonlyPartialJSONObject
} from '@lumino/coreutils';

import { Problem } from './api';
import type { IServices } from './context';

export const CommandIDs = {
  openPanel: 'workbench:open-panel',
  openReview: 'workbench:open-review',
  openLedger: 'workbench:open-ledger',
  openProvenance: 'workbench:open-provenance',
  openCell: 'workbench:open-cell',
  exportProvenance: 'workbench:export-provenance',
  share: 'workbench:share',
  request: 'workbench:request',
  renewRequest: 'workbench:renew-request',
  resubmitRequest: 'workbench:resubmit-request',
  askAgain: 'workbench:ask-again',
  withdrawRequest: 'workbench:withdraw-request',
  insertCode: 'workbench:insert-code',
  copyCode: 'workbench:copy-code',
  copyRequest: 'workbench:copy-request',
  reviewNext: 'workbench:review-next',
  reviewPrevious: 'workbench:review-previous',
  reviewApprove: 'workbench:review-approve',
  reviewReturn: 'workbench:review-return',
  reviewReject: 'workbench:review-reject',
  reviewSend: 'workbench:review-send',
  deprecate: 'workbench:deprecate',
  retire: 'workbench:retire',
  withdraw: 'workbench:withdraw',
  revoke: 'workbench:revoke',
  verifyLedger: 'workbench:verify-ledger',
  saveReceipt: 'workbench:save-receipt',
  trace: 'workbench:trace',
  playAs: 'workbench:play-as',
  unlock: 'workbench:unlock',
  refresh: 'workbench:refresh'
} as const;

type Args = ReadonlyPartialJSONObject;

/** What a command's arguments are, for `describedBy`. */
export function takes(
  required: Record<string, string>,
  optional: Record<string, string> = {}
): { args: ReadonlyJSONObject } {
  const property = ([name, description]: [string, string]) => [
    name,
    {
      type: name === 'days' || name === 'index' ? 'integer' : 'string',
      description
    }
  ];
  return {
    args: {
      type: 'object',
      properties: Object.fromEntries(
        [...Object.entries(required), ...Object.entries(optional)].map(property)
      ),
      required: Object.keys(required)
    }
  };
}

/** A text argument; empty when it was not given. */
export function text(args: Args, name: string): string {
  const value = args[name];
  return typeof value === 'string' ? value : '';
}

/** Run something; a problem is told, with what was not changed. */
export async function attempt<T>(
  services: IServices,
  title: string,
  act: () => Promise<T>
): Promise<T | null> {
  try {
    return await act();
  } catch (thrown) {
    const { message, unchanged, hint, decision } = Problem.of(thrown);
    const parts = [message, ...(decision?.rationale ?? []), unchanged, hint];
    await showErrorMessage(title, parts.filter(Boolean).join('\n\n'), [
      Dialog.okButton({ label: services.trans.__('Close') })
    ]);
    return null;
  }
}
