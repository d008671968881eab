/** Sharing in JupyterLab: the list of plugins. */
import { ledgerPlugin } from './ledger/plugin';
import { panelPlugin } from './panel/plugin';
import { commandsPlugin, modelPlugin } from './plugin';
import { provenancePlugin } from './provenance/plugin';
import { requestPlugin } from './request/plugin';
import { reviewPlugin } from './review/plugin';
import { sharePlugin } from './share/plugin';
import { statusPlugin } from './status';

export default [
  modelPlugin,
  commandsPlugin,
  panelPlugin,
  requestPlugin,
  reviewPlugin,
  ledgerPlugin,
  provenancePlugin,
  sharePlugin,
  statusPlugin
];
