/** Commands about who acts and how fresh the picture is. */
import { lockIcon, refreshIcon, userIcon } from '@jupyterlab/ui-components';

import { attempt, CommandIDs, takes, text } from '../commands';
import type { IServices } from '../context';
import { Problem } from '../api';
import { askPassphrase } from '../dialogs';

export function addSessionCommands(services: IServices): void {
  const { commands, model, trans } = services;
  const ready = () => model.status?.locked === false;
  commands.addCommand(CommandIDs.refresh, {
    label: trans.__('Look for News'),
    caption: trans.__('Ask the exchange again'),
    icon: refreshIcon,
    isEnabled: () => true,
    describedBy: takes({}),
    execute: () => model.refresh()
  });
  commands.addCommand(CommandIDs.unlock, {
    label: trans.__('Unlock Keys…'),
    caption: trans.__('Unlock the keys you sign and open with'),
    icon: lockIcon,
    isEnabled: () => model.status?.locked === true,
    describedBy: takes({}),
    execute: async () => {
      const keystore = model.status?.keystore ?? '';
      let before = '';
      for (;;) {
        const passphrase = await askPassphrase(keystore, before, trans);
        if (passphrase === null) {
          return;
        }
        try {
          await model.unlock(passphrase);
          return;
        } catch (thrown) {
          const { message, hint } = Problem.of(thrown);
          before = [trans.__('Still locked:'), message, hint]
            .filter(Boolean)
            .join(' ');
        }
      }
    }
  });
  commands.addCommand(CommandIDs.playAs, {
    label: args => trans.__('Play %1', text(args, 'person') || '…'),
    caption: trans.__('Workshop: act as another person'),
    icon: userIcon,
    isEnabled: () => ready() && model.status?.mode === 'workshop',
    describedBy: takes({ person: 'The id of the person to play' }),
    execute: args =>
      attempt(services, trans.__('Could not change roles'), () =>
        model.playAs(text(args, 'person'))
      )
  });
}
