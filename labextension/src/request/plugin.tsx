/** Opens the request form for a release, a renewal, a reviewer's question. */
import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator } from '@jupyterlab/translation';
import { ReactWidget, editIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';
import * as React from 'react';

import { CommandIDs, takes, text } from '../commands';
import type { IServices } from '../context';
import { Services } from '../context';
import { entitle, showView } from '../place';
import { servicesOf } from '../plugin';
import type { IChange, PurposeKind, Right } from '../tokens';
import { ISharing } from '../tokens';
import { shortRef } from '../words';
import { GroupName } from './fields';
import type { IForm } from './form';
import { RequestView } from './view';

interface IOpening {
  ref: string;
  before: string;
  resubmit: boolean;
  preset: IChange;
}

export const requestPlugin: JupyterFrontEndPlugin<void> = {
  id: '@sharing-workbench/labextension:request',
  description: 'The form to ask for a release.',
  autoStart: true,
  requires: [ISharing],
  optional: [ILabShell, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: ISharing,
    labShell: ILabShell | null,
    translator: ITranslator | null
  ) => {
    const services = servicesOf(app, model, translator);
    addRequestCommands(services, new Forms(app, labShell, services));
  }
};

/** The open forms, one for each release, and what was entered in closed ones. */
class Forms {
  private readonly open = new Map<string, Widget>();
  private readonly kept = new Map<string, IForm>();

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly labShell: ILabShell | null,
    private readonly services: IServices
  ) {
    let who: string | undefined;
    services.model.changed.connect(model => {
      const now = model.status?.person?.id;
      if (now !== who) {
        // A form belongs to who filled it in.
        [...this.open.values()].forEach(form => form.dispose());
        who = now;
      }
    });
  }

  show(opening: IOpening): void {
    const who = this.services.model.status?.person?.id ?? '';
    const key = [who, opening.ref, opening.before].join(' ');
    const hasPreset = Object.values(opening.preset).some(Boolean);
    const old = this.open.get(key);
    if (old && !old.isDisposed && !hasPreset) {
      this.app.shell.activateById(old.id);
      return;
    }
    old?.dispose();
    this.create(key, opening, hasPreset);
  }

  private create(key: string, opening: IOpening, fresh: boolean): void {
    const { model, trans } = this.services;
    const id = `workbench-request-${key.replace(/[^\w.-]+/g, '-')}`;
    const view = (
      <Services.Provider value={this.services}>
        <GroupName.Provider value={id}>
          <RequestView
            refName={opening.ref}
            before={opening.before ? model.request(opening.before) : null}
            resubmit={opening.resubmit}
            kept={fresh ? null : (this.kept.get(key) ?? null)}
            keep={form =>
              form ? this.kept.set(key, form) : this.kept.delete(key)
            }
            preset={opening.preset}
            close={() => this.open.get(key)?.dispose()}
          />
        </GroupName.Provider>
      </Services.Provider>
    );
    const content = ReactWidget.create(view);
    content.addClass('wb-View');
    content.node.setAttribute('role', 'region');
    content.node.setAttribute('aria-label', trans.__('Ask to use a release'));
    const shown = showView(this.app, this.labShell, content, id);
    entitle(shown, trans.__('Ask: %1', shortRef(opening.ref)), editIcon);
    shown.title.caption = opening.ref;
    this.open.set(key, shown);
    shown.disposed.connect(() => {
      this.open.delete(key);
    });
  }
}

function addRequestCommands(services: IServices, forms: Forms): void {
  const { commands, model, trans } = services;
  commands.addCommand(CommandIDs.request, {
    label: trans.__('Request Access…'),
    caption: trans.__('Ask to use a release'),
    icon: editIcon,
    isEnabled: () => model.status?.locked === false,
    describedBy: takes(
      { ref: 'The release, as org/name:version' },
      {
        right: 'infer, retrieve or fine_tune',
        purpose: 'research, evaluation, teaching, audit or production',
        days: 'For how many days'
      }
    ),
    execute: args =>
      forms.show({
        ref: text(args, 'ref'),
        before: '',
        resubmit: false,
        preset: presetOf(args)
      })
  });
  const again = (
    id: string,
    label: string,
    caption: string,
    resubmit: boolean
  ) =>
    commands.addCommand(id, {
      label,
      caption,
      icon: editIcon,
      isEnabled: () => model.status?.locked === false,
      describedBy: takes({ id: 'The request' }),
      execute: args => {
        const before = text(args, 'id');
        const ref = model.request(before)?.ref ?? text(args, 'ref');
        forms.show({ ref, before, resubmit, preset: {} });
      }
    });
  again(
    CommandIDs.renewRequest,
    trans.__('Renew…'),
    trans.__('Ask for more time; a renewal is a new request'),
    false
  );
  again(
    CommandIDs.askAgain,
    trans.__('Ask Again…'),
    trans.__('Start from what you asked before'),
    false
  );
  again(
    CommandIDs.resubmitRequest,
    trans.__('Answer…'),
    trans.__('Answer the reviewer and send the request again'),
    true
  );
}

function presetOf(args: ReadonlyPartialJSONObject): IChange {
  const days = args['days'];
  return {
    right: (text(args, 'right') || undefined) as Right | undefined,
    purpose: (text(args, 'purpose') || undefined) as PurposeKind | undefined,
    days: typeof days === 'number' ? days : undefined
  };
}
