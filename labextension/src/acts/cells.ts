/** The command that shows a cell of a lineage: in its notebook, else the code that was signed. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { NotebookPanel } from '@jupyterlab/notebook';
import { notebookIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import { CommandIDs, takes, text } from '../commands';
import type { IServices } from '../context';
import type { IFound, INotebookFile, IWanted } from '../provenance/cells';
import { cellIn, findCell } from '../provenance/cells';

/** Milliseconds until a notebook that was just opened knows how tall its cells are. */
const SETTLING = 300;

export function addCellCommands(
  services: IServices,
  app: JupyterFrontEnd,
  notebooks: INotebookTracker | null
): void {
  const { commands, trans } = services;
  commands.addCommand(CommandIDs.openCell, {
    label: trans.__('Open Cell'),
    caption: trans.__('Show a cell of a lineage in its notebook'),
    icon: notebookIcon,
    isEnabled: () => true,
    describedBy: takes(
      { notebook: 'The name of the notebook', cell: 'The id of the cell' },
      { code: 'The code as it ran', label: 'What the cell is called' }
    ),
    execute: async args => {
      const wanted = {
        notebook: text(args, 'notebook'),
        cell: text(args, 'cell'),
        code: text(args, 'code')
      };
      const label = text(args, 'label') || trans.__('Cell');
      // What is open counts as it is now, saved or not.
      const open = new Map<string, INotebookFile>();
      notebooks?.forEach(panel => {
        if (panel.context.isReady) {
          open.set(panel.context.path, { cells: cellsOf(panel) });
        }
      });
      const { found, seen } = await findCell(wanted, [...open.keys()], path =>
        Promise.resolve(open.get(path) ?? readNotebook(app, path))
      );
      if (
        found === null ||
        !(await show(services, app, found, wanted, label))
      ) {
        await showSigned(services, wanted, label, seen);
      }
    }
  });
}

/** A notebook of this server; null when there is none there. */
async function readNotebook(
  app: JupyterFrontEnd,
  path: string
): Promise<INotebookFile | null> {
  try {
    const { content } = await app.serviceManager.contents.get(path, {
      type: 'notebook',
      content: true
    });
    const file = content as INotebookFile | null;
    return Array.isArray(file?.cells) ? file : null;
  } catch {
    return null; // most places are only guesses
  }
}

/** Opens the notebook at the cell; false when the open notebook has it no more. */
async function show(
  services: IServices,
  app: JupyterFrontEnd,
  found: IFound,
  wanted: IWanted,
  label: string
): Promise<boolean> {
  const { commands, trans } = services;
  const panel: unknown = await commands.execute('docmanager:open', {
    path: found.path
  });
  if (!(panel instanceof NotebookPanel)) {
    return false;
  }
  await panel.context.ready;
  await panel.revealed;
  const cells = cellsOf(panel);
  const index = cellIn({ cells }, wanted);
  if (index < 0) {
    return false;
  }
  app.shell.activateById(panel.id);
  panel.content.activeCellIndex = index;
  panel.content.deselectAll();
  await panel.content.scrollToItem(index, 'center');
  // The cells above are measured once they were drawn, which moves this one.
  await new Promise(resolve => setTimeout(resolve, SETTLING));
  await panel.content.scrollToItem(index, 'center');
  if (wanted.code !== '' && cells[index].source.trim() !== wanted.code.trim()) {
    Notification.warning(
      trans.__(
        '%1 does not say any more what was signed with the release.',
        label
      ),
      {
        autoClose: 12000,
        actions: [
          {
            label: trans.__('Show what was signed'),
            callback: () => void showCode(services, label, '', wanted.code)
          }
        ]
      }
    );
  }
  return true;
}

function cellsOf(panel: NotebookPanel): { id: string; source: string }[] {
  return panel.content.widgets.map(({ model }) => ({
    id: model.id,
    source: model.sharedModel.getSource()
  }));
}

async function showSigned(
  services: IServices,
  wanted: IWanted,
  label: string,
  seen: boolean
): Promise<void> {
  const { trans } = services;
  const where = seen
    ? trans.__(
        'The notebook %1 is here, but has this cell no more.',
        wanted.notebook
      )
    : trans.__(
        'The notebook %1 is not on this server.',
        wanted.notebook || trans.__('of this cell')
      );
  const what = wanted.code
    ? trans.__('This is the code that was signed with the release.')
    : trans.__('Its code was not kept with the release.');
  await showCode(services, label, `${where} ${what}`, wanted.code);
}

/** Code to read, not to change. */
async function showCode(
  services: IServices,
  label: string,
  said: string,
  code: string
): Promise<void> {
  const { trans } = services;
  const body = new Widget();
  body.addClass('wb-question');
  body.addClass('wb-signed');
  if (said) {
    const sentence = document.createElement('p');
    sentence.textContent = said;
    body.node.append(sentence);
  }
  if (code) {
    const shown = document.createElement('pre');
    shown.textContent = code;
    shown.tabIndex = 0;
    shown.dataset.wb = 'signed-code';
    body.node.append(shown);
  }
  await showDialog({
    title: trans.__('%1 as it ran', label),
    body,
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}
