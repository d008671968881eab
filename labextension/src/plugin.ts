/** The plugin that provides the model, and the one that adds the commands. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { addCellCommands } from './acts/cells';
import { addCodeCommands } from './acts/code';
import { addLedgerCommands } from './acts/log';
import { addReleaseCommands } from './acts/releases';
import { addSessionCommands } from './acts/session';
import { addTraceCommand } from './acts/trace';
import { Api } from './api';
import { CommandIDs } from './commands';
import type { IServices } from './context';
import { SharingModel } from './model';
import { tellMoves } from './notices';
import { ISharing } from './tokens';
import { Words } from './words';

const SETTINGS = '@sharing-workbench/labextension:plugin';
const DEFAULT_SECONDS = 15;

/** What views are handed, from what a plugin is handed. */
export function servicesOf(
  app: JupyterFrontEnd,
  model: ISharing,
  translator: ITranslator | null
): IServices {
  const trans = (translator ?? nullTranslator).load('workbench');
  return { model, trans, words: new Words(trans), commands: app.commands };
}

export const modelPlugin: JupyterFrontEndPlugin<ISharing> = {
  id: SETTINGS,
  description: 'The state of the exchange as this person sees it.',
  autoStart: true,
  provides: ISharing,
  optional: [ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('workbench');
    const words = new Words(trans);
    const api = new Api(app.serviceManager.serverSettings);
    const model = new SharingModel(api, words, DEFAULT_SECONDS);
    let notifications = true;
    const follow = (settings: ISettingRegistry.ISettings): void => {
      model.pollSeconds = settings.get('pollSeconds').composite as number;
      model.defaultDays = settings.get('defaultDays').composite as number;
      notifications = settings.get('notifications').composite as boolean;
    };
    void registry
      ?.load(SETTINGS)
      .then(settings => {
        follow(settings);
        settings.changed.connect(follow);
      })
      .catch((reason: unknown) => {
        console.warn('Sharing runs with its default settings.', reason);
      });
    tellMoves(model, app.commands, trans, () => notifications);
    return model;
  }
};

export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@sharing-workbench/labextension:commands',
  description: 'Everything a person can do, as commands.',
  autoStart: true,
  requires: [ISharing],
  optional: [INotebookTracker, ITranslator, ICommandPalette, IDocumentManager],
  activate: (
    app: JupyterFrontEnd,
    model: ISharing,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    documents: IDocumentManager | null
  ) => {
    const services = servicesOf(app, model, translator);
    addSessionCommands(services);
    addCodeCommands(services, notebooks, app.shell);
    addCellCommands(services, app, notebooks);
    addReleaseCommands(services);
    addLedgerCommands(services);
    addTraceCommand(services, app, documents);
    const category = services.trans.__('Sharing');
    for (const command of PALETTE) {
      palette?.addItem({ command, category });
    }
    // Which commands are possible depends on the model.
    model.changed.connect(() => app.commands.notifyCommandChanged());
  }
};

/** Commands that make sense without arguments. */
const PALETTE = [
  CommandIDs.share,
  CommandIDs.openPanel,
  CommandIDs.openReview,
  CommandIDs.openLedger,
  CommandIDs.openProvenance,
  CommandIDs.verifyLedger,
  CommandIDs.unlock,
  CommandIDs.refresh
];
