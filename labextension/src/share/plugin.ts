/** The Share command: the notebook's Share form, at the right. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';

import { CommandIDs, takes } from '../commands';
import type { IServices } from '../context';
import { publishIcon } from '../icons';
import { servicesOf } from '../plugin';
import { ISharing } from '../tokens';
import { SharePanel } from './widget';

export const sharePlugin: JupyterFrontEndPlugin<void> = {
  id: '@sharing-workbench/labextension:share',
  description: 'Share a model from the current notebook.',
  autoStart: true,
  requires: [ISharing, INotebookTracker],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: ISharing,
    notebooks: INotebookTracker,
    translator: ITranslator | null
  ) => {
    const services = servicesOf(app, model, translator);
    const { trans } = services;
    const panels = new Map<string, SharePanel>();
    app.commands.addCommand(CommandIDs.share, {
      label: trans.__('Share Model from Notebook…'),
      caption: trans.__('Share a model of this notebook'),
      icon: publishIcon,
      isEnabled: () => notebooks.currentWidget !== null,
      describedBy: takes({}),
      execute: async () => {
        const notebook = notebooks.currentWidget;
        if (notebook) {
          await showShare(app, notebook, services, panels);
        }
      }
    });
    notebooks.currentChanged.connect(() =>
      app.commands.notifyCommandChanged(CommandIDs.share)
    );
  }
};

async function showShare(
  app: JupyterFrontEnd,
  notebook: NotebookPanel,
  services: IServices,
  panels: Map<string, SharePanel>
): Promise<void> {
  const old = panels.get(notebook.id);
  if (old) {
    app.shell.activateById(old.id);
    return;
  }
  const panel = new SharePanel(notebook, services);
  panels.set(notebook.id, panel);
  panel.disposed.connect(() => panels.delete(notebook.id));
  app.shell.add(panel, 'right', { rank: 400, type: 'Share' });
  app.shell.activateById(panel.id);
  await panel.open();
}
