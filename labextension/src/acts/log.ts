/** Commands about the log: verify it, keep a receipt. */
import { Notification } from '@jupyterlab/apputils';
import { downloadIcon } from '@jupyterlab/ui-components';

import { attempt, CommandIDs, takes } from '../commands';
import type { IServices } from '../context';
import { saveByLink } from '../graph/saving';
import { toneIcons } from '../icons';

export function addLedgerCommands(services: IServices): void {
  const { commands, model, trans } = services;
  commands.addCommand(CommandIDs.verifyLedger, {
    label: trans.__('Verify Log Now'),
    caption: trans.__('Check that no entry of the log was changed or removed'),
    icon: toneIcons.good,
    isEnabled: () => model.status !== null,
    describedBy: takes({}),
    execute: async () => {
      const note = Notification.emit(
        trans.__('Verifying the log…'),
        'in-progress',
        { autoClose: false }
      );
      const ledger = await attempt(services, trans.__('Not verified'), () =>
        model.verifyLedger()
      );
      Notification.dismiss(note);
      if (ledger?.ok) {
        Notification.success(
          trans._n(
            'The log is unbroken: %1 entry.',
            'The log is unbroken: %1 entries.',
            ledger.size
          ),
          { autoClose: 4000 }
        );
      } else if (ledger) {
        Notification.error(
          [trans.__('The log does not match.'), ledger.problem, ledger.hint]
            .filter(Boolean)
            .join(' '),
          { autoClose: false }
        );
      }
    }
  });
  commands.addCommand(CommandIDs.saveReceipt, {
    label: trans.__('Save Receipt'),
    caption: trans.__('A small file that proves this entry is in the log'),
    icon: downloadIcon,
    isEnabled: () => true,
    describedBy: takes({ index: 'The number of the entry' }),
    execute: args =>
      attempt(services, trans.__('No receipt'), async () => {
        const receipt = await model.api.receipt(Number(args['index']));
        const { name, text } = receipt;
        saveByLink(name, new Blob([text], { type: 'text/plain' }));
      })
  });
}
