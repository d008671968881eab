/** The Ledger tab and the command that opens it. */
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { historyIcon, ReactWidget } from '@jupyterlab/ui-components';
import type { Widget } from '@lumino/widgets';
import * as React from 'react';

import { CommandIDs, takes, text } from '../commands';
import type { IServices } from '../context';
import { Services } from '../context';
import { entitle, showView } from '../place';
import { servicesOf } from '../plugin';
import { ISharing } from '../tokens';
import type { IFilter } from './load';
import { NO_FILTER } from './load';
import { LedgerView } from './view';

const ID = 'workbench-ledger';

export const ledgerPlugin: JupyterFrontEndPlugin<void> = {
  id: '@sharing-workbench/labextension:ledger',
  description:
    'The Ledger tab: everything that happened, and whether the log is whole.',
  autoStart: true,
  requires: [ISharing],
  optional: [ILabShell, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: ISharing,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const services = servicesOf(app, model, translator);
    const { trans } = services;
    const tracker = new WidgetTracker<Widget>({ namespace: ID });
    let content: LedgerWidget | null = null;
    app.commands.addCommand(CommandIDs.openLedger, {
      label: trans.__('Log of Everything Shared'),
      caption: trans.__(
        'Who did what, when and why; and whether it was changed'
      ),
      icon: historyIcon,
      isEnabled: () => model.status?.locked !== true,
      describedBy: takes({}, { release: 'Show only this release' }),
      execute: args => {
        if (content === null || content.isDisposed) {
          content = new LedgerWidget(services);
          const shown = showView(app, labShell, content, ID);
          entitle(shown, trans.__('Log'), historyIcon);
          void tracker.add(shown);
        } else {
          app.shell.activateById(ID);
        }
        const release = text(args, 'release');
        if (release) {
          content.filter = { ...NO_FILTER, release };
        }
      }
    });
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openLedger,
        name: () => ID
      });
    }
  }
};

class LedgerWidget extends ReactWidget {
  private _filter: IFilter = NO_FILTER;

  constructor(private readonly services: IServices) {
    super();
    this.addClass('wb-View');
    this.addClass('wb-Ledger');
    this.node.dataset.wb = 'ledger-tab';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', services.trans.__('Log'));
  }

  set filter(filter: IFilter) {
    this._filter = filter;
    this.update();
  }

  protected render(): JSX.Element {
    return (
      <Services.Provider value={this.services}>
        <LedgerView
          filter={this._filter}
          onFilter={filter => {
            this.filter = filter;
          }}
        />
      </Services.Provider>
    );
  }
}
