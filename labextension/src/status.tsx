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
import { clock } from './time';
import type { IStatus } from './tokens';
import { ISharing } from './tokens';
import type { ITrans } from './words';

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
  const { status, problem } = useModel();
  const broken = status !== null && !status.ledger.ok;
  const bad = broken || (status === null && problem !== null);
  const Icon = bad ? toneIcons.bad : sharingIcon;
  const words = statusWords(status, problem !== null, trans);
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

/** “Ada · log verified 12:04 · 2 to review”. */
function statusWords(
  status: IStatus | null,
  failed: boolean,
  trans: ITrans
): string {
  if (status === null) {
    return failed ? trans.__('Sharing is not available') : trans.__('Sharing…');
  }
  const { person, locked, ledger, pending } = status;
  if (!ledger.ok) {
    return trans.__('log does not match');
  }
  if (locked) {
    return trans.__('Sharing: locked');
  }
  const parts = [person?.name ?? trans.__('not enrolled')];
  parts.push(
    ledger.verified_at
      ? trans.__('log verified %1', clock(ledger.verified_at))
      : trans.__('log not verified')
  );
  if (pending > 0) {
    parts.push(trans._n('%1 to review', '%1 to review', pending));
  }
  return parts.join(' · ');
}
