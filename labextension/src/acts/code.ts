/** Commands that write or copy lines of Python. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';
import { addIcon, copyIcon } from '@jupyterlab/ui-components';

import { CommandIDs, takes, text } from '../commands';
import type { IServices } from '../context';
import { openCode, requestCode } from '../snippets';
import type { Right } from '../tokens';

export function addCodeCommands(
  services: IServices,
  notebooks: INotebookTracker | null,
  shell: JupyterFrontEnd.IShell
): void {
  const { commands, trans, model } = services;
  const which = takes({
    ref: 'The release, as org/name:version',
    right: 'The right that was granted: infer, retrieve or fine_tune'
  });
  commands.addCommand(CommandIDs.insertCode, {
    label: trans.__('Insert Code into Notebook'),
    caption: trans.__('Add a cell that opens this release'),
    icon: addIcon,
    isEnabled: () => Boolean(notebooks?.currentWidget),
    describedBy: which,
    execute: args => {
      const panel = notebooks?.currentWidget;
      if (!panel) {
        return;
      }
      NotebookActions.insertBelow(panel.content);
      panel.content.activeCell?.model.sharedModel.setSource(
        openCode(text(args, 'ref'), text(args, 'right') as Right)
      );
      shell.activateById(panel.id); // it may be behind another tab
      panel.content.activate();
    }
  });
  const copied = (code: string) => {
    Clipboard.copyToSystem(code);
    Notification.success(trans.__('Copied.'), { autoClose: 2000 });
  };
  commands.addCommand(CommandIDs.copyCode, {
    label: trans.__('Copy Code'),
    caption: trans.__('Copy the lines that open this release'),
    icon: copyIcon,
    isEnabled: () => true,
    describedBy: which,
    execute: args =>
      copied(openCode(text(args, 'ref'), text(args, 'right') as Right))
  });
  commands.addCommand(CommandIDs.copyRequest, {
    label: trans.__('Copy Request Snippet'),
    caption: trans.__('Copy a line of Python that asks for this release'),
    icon: copyIcon,
    isEnabled: () => true,
    describedBy: takes(
      { ref: 'The release, as org/name:version' },
      {
        right: 'infer, retrieve or fine_tune',
        purpose: 'What for',
        days: 'For how many days'
      }
    ),
    execute: args =>
      copied(
        requestCode(
          text(args, 'ref'),
          (text(args, 'right') || 'infer') as Right,
          text(args, 'purpose'),
          Number(args['days'] ?? model.defaultDays)
        )
      )
  });
}
