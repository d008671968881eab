/** Puts the Sharing panel into the left side area. */
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator } from '@jupyterlab/translation';

import { CommandIDs, takes } from '../commands';
import { sharingIcon } from '../icons';
import { servicesOf } from '../plugin';
import { ISharing } from '../tokens';
import { PANEL_ID, SharingPanel } from './widget';

export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: '@sharing-workbench/labextension:panel',
  description: 'The Sharing side panel.',
  autoStart: true,
  requires: [ISharing],
  optional: [ILabShell, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: ISharing,
    _labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const services = servicesOf(app, model, translator);
    const panel = new SharingPanel(services);
    app.shell.add(panel, 'left', { rank: 450, type: 'Sharing' });
    restorer?.add(panel, PANEL_ID);
    app.commands.addCommand(CommandIDs.openPanel, {
      label: services.trans.__('Sharing Panel'),
      caption: services.trans.__(
        'Requests, reviews, the catalogue and your releases'
      ),
      icon: sharingIcon,
      isEnabled: () => true,
      describedBy: takes({}),
      execute: () => app.shell.activateById(PANEL_ID)
    });
  }
};
