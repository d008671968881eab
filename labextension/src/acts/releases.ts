/** Commands that end things: a release, somebody's access, one's own request. */
import { undoIcon } from '@jupyterlab/ui-components';

import { attempt, CommandIDs, takes, text } from '../commands';
import type { IServices } from '../context';
import { askReason } from '../dialogs';
import { toneIcons } from '../icons';
import type { ReleaseVerb } from '../tokens';
import { shortRef } from '../words';

export function addReleaseCommands(services: IServices): void {
  const { commands, model, trans, words } = services;
  const verbs: ReleaseVerb[] = ['deprecate', 'retire', 'withdraw'];
  for (const verb of verbs) {
    const said = words.verb(verb, '');
    commands.addCommand(`workbench:${verb}`, {
      label: said.label,
      caption: said.warning,
      icon: said.final ? toneIcons.ask : toneIcons.plain,
      isEnabled: args => {
        const release = model.release(text(args, 'ref'));
        return release !== null && release.verbs.includes(verb);
      },
      describedBy: takes({ ref: 'The release, as org/name:version' }),
      execute: async args => {
        const ref = text(args, 'ref');
        const question = {
          title: words.verb(verb, shortRef(ref)).title,
          warning: said.warning,
          label: trans.__('Why? People who have access will read this.'),
          accept: said.label.replace('…', ''),
          danger: said.final
        };
        const reason = await askReason(question, trans);
        if (reason !== null) {
          await attempt(services, trans.__('Nothing was changed'), () =>
            model.api.moveRelease(ref, verb, reason)
          );
          await model.refresh();
        }
      }
    });
  }
  addRevoke(services);
  addTakeBack(services);
}

function addRevoke(services: IServices): void {
  const { commands, model, trans } = services;
  commands.addCommand(CommandIDs.revoke, {
    label: trans.__('Revoke Access…'),
    caption: trans.__('End one person’s access before its time'),
    icon: toneIcons.bad,
    isEnabled: () => true,
    describedBy: takes(
      { grant: 'The grant to end' },
      { ref: 'Its release', person: 'Who holds it' }
    ),
    execute: async args => {
      const question = {
        title: trans.__(
          'End the access of %1 to %2?',
          text(args, 'person'),
          shortRef(text(args, 'ref'))
        ),
        warning: trans.__(
          'Nothing more can be opened or run with it. A copy already downloaded cannot be called back. This cannot be undone; they can ask again.'
        ),
        label: trans.__('Why? The person will read this.'),
        accept: trans.__('Revoke'),
        danger: true
      };
      const reason = await askReason(question, trans);
      if (reason !== null) {
        await attempt(services, trans.__('Nothing was changed'), () =>
          model.api.revoke(text(args, 'grant'), reason)
        );
        await model.refresh();
      }
    }
  });
}

function addTakeBack(services: IServices): void {
  const { commands, model, trans } = services;
  commands.addCommand(CommandIDs.withdrawRequest, {
    label: trans.__('Take Request Back'),
    caption: trans.__('Withdraw your request before it is decided'),
    icon: undoIcon,
    isEnabled: args => {
      const request = model.request(text(args, 'id'));
      return request === null || request.verbs.includes('withdraw');
    },
    describedBy: takes({ id: 'The request' }),
    execute: async args => {
      await attempt(services, trans.__('Not taken back'), () =>
        model.api.withdraw(text(args, 'id'))
      );
      await model.refresh();
    }
  });
}
