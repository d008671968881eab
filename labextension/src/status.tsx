/** The status bar item: who I am, whether the log is whole, what waits. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CommandIDs } from './commands';
import { Services, useModel, useServices } from './context';
import { sharingIcon, toneIcons } from './icons';
import { servicesOf } from './plugin';
import { standing } from './standing';
import { ISharing } from './tokens';

export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: '@sharing-workbench/labextension:status',
  description: 'Identity, log and waiting reviews in the status bar.',
  autoStart: true,
  requires: [ISharing],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: ISharing,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ) => {
    if (statusBar === null) {
      return; // Notebook 7 has none
    }
    const services = servicesOf(app, model, translator);
    const item = ReactWidget.create(
      <Services.Provider value={services}>
        <StatusItem />
      </Services.Provider>
    );
    item.addClass('wb-Status');
    statusBar.registerStatusItem('@sharing-workbench/labextension:status', {
      item,
      align: 'left',
      rank: 100
    });
  }
};

function StatusItem(): JSX.Element {
  const { trans, commands } = useServices();
  const { status, requests, review, problem } = useModel();
  const broken = status !== null && !status.ledger.ok;
  const bad = broken || (status === null && problem !== null);
  const Icon = bad ? toneIcons.bad : sharingIcon;
  const failed = problem !== null;
  const words = standing({ status, requests, review, failed }, trans);
  return (
    <button
      type="button"
      className={`wb-status ${bad ? 'wb-status-bad' : ''}`}
      title={
        broken
          ? [status.ledger.problem, status.ledger.hint]
              .filter(Boolean)
              .join(' ')
          : trans.__('Open the Sharing panel')
      }
      onClick={() =>
        void commands.execute(
          broken ? CommandIDs.openLedger : CommandIDs.openPanel
        )
      }
      data-wb="status"
      data-ok={!bad}
    >
      <Icon.react tag="span" width="14px" height="14px" />
      <span>{words}</span>
    </button>
  );
}
