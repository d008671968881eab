/** The Provenance tab, one for each release, and its commands. */
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  Dialog,
  InputDialog,
  showDialog,
  WidgetTracker
} from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { downloadIcon, ReactWidget } from '@jupyterlab/ui-components';
import type { Widget } from '@lumino/widgets';
import * as React from 'react';

import type { ExportFormat } from '../api';
import { attempt, CommandIDs, takes, text } from '../commands';
import type { IServices } from '../context';
import { Services } from '../context';
import { saveByLink } from '../graph/saving';
import { lineageIcon } from '../icons';
import { entitle, showView } from '../place';
import { servicesOf } from '../plugin';
import { ISharing } from '../tokens';
import { shortRef } from '../words';
import { ProvenanceView } from './view';

const NAMESPACE = 'workbench-provenance';

export const provenancePlugin: JupyterFrontEndPlugin<void> = {
  id: '@sharing-workbench/labextension:provenance',
  description: 'The Provenance tab: where a release came from.',
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
    const tracker = new WidgetTracker<Widget>({ namespace: NAMESPACE });
    const refs = new Map<string, string>();
    const open = (ref: string): void => {
      const id = `${NAMESPACE}-${ref.replace(/[^\w.-]+/g, '-')}`;
      if (tracker.find(widget => widget.id === id)) {
        app.shell.activateById(id);
        return;
      }
      const content = new ProvenanceWidget(services, ref);
      refs.set(id, ref);
      const shown = showView(app, labShell, content, id);
      const title = services.trans.__('Lineage: %1', shortRef(ref));
      entitle(shown, title, lineageIcon);
      shown.title.caption = ref;
      shown.title.closable = true;
      void tracker.add(shown);
    };
    addOpen(services, open);
    addExport(services);
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openProvenance,
        args: widget => ({ ref: refs.get(widget.id) ?? '' }),
        name: widget => widget.id
      });
    }
  }
};

class ProvenanceWidget extends ReactWidget {
  constructor(
    private readonly services: IServices,
    private readonly ref: string
  ) {
    super();
    this.addClass('wb-View');
    this.addClass('wb-Provenance');
    this.node.dataset.wb = 'provenance-tab';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute(
      'aria-label',
      services.trans.__('Lineage of %1', shortRef(ref))
    );
  }

  protected render(): JSX.Element {
    return (
      <Services.Provider value={this.services}>
        <ProvenanceView release={this.ref} />
      </Services.Provider>
    );
  }
}

function addOpen(services: IServices, open: (ref: string) => void): void {
  const { commands, model, trans } = services;
  commands.addCommand(CommandIDs.openProvenance, {
    label: args =>
      args['ref'] ? trans.__('Lineage') : trans.__('Lineage of a Release…'),
    caption: trans.__(
      'From the data that was read to the model that was shared'
    ),
    icon: lineageIcon,
    isEnabled: () => model.status?.locked !== true,
    describedBy: takes({}, { ref: 'The release, as org/name:version' }),
    execute: async args => {
      const ref = text(args, 'ref') || (await askRef(services));
      if (ref) {
        open(ref);
      }
    }
  });
}

/** Which release; empty when there is none, or nothing was chosen. */
async function askRef({ model, trans }: IServices): Promise<string> {
  const items = (model.catalogue ?? []).map(({ ref }) => ref);
  const title = trans.__('Lineage of which release?');
  if (items.length === 0) {
    const buttons = [Dialog.okButton({ label: trans.__('Close') })];
    const body = trans.__('Nothing is shared here yet.');
    await showDialog({ title, body, buttons });
    return '';
  }
  const { button, value } = await InputDialog.getItem({ title, items });
  return button.accept ? (value ?? '') : '';
}

function addExport(services: IServices): void {
  const { commands, model, trans } = services;
  const words: Record<ExportFormat, [string, string]> = {
    prov: [
      trans.__('PROV-JSON'),
      trans.__('The lineage in the W3C’s own words, for other tools')
    ],
    crate: [
      trans.__('RO-Crate'),
      trans.__('A zip with the lineage and a description, for archives')
    ],
    bom: [
      trans.__('ML-BOM'),
      trans.__('What the model is made of (CycloneDX), for inventories')
    ],
    slsa: [
      trans.__('SLSA'),
      trans.__('How it was made, for checks of the supply chain')
    ]
  };
  const named = (format: string) =>
    words[format as ExportFormat] ?? [
      trans.__('Save Lineage'),
      trans.__('Save the lineage of a release as a file')
    ];
  commands.addCommand(CommandIDs.exportProvenance, {
    label: args => named(text(args, 'format'))[0],
    caption: args => named(text(args, 'format'))[1],
    icon: downloadIcon,
    isEnabled: () => true,
    describedBy: takes({
      ref: 'The release, as org/name:version',
      format: 'prov, crate, bom or slsa'
    }),
    execute: args =>
      attempt(services, trans.__('Not saved'), async () => {
        const format = text(args, 'format') as ExportFormat;
        const file = await model.api.provenanceFile(text(args, 'ref'), format);
        saveByLink(file.name, file.content);
      })
  });
}
