/** Whose marked copy a found file is: choose the file, wait, read the answer. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import { FileDialog } from '@jupyterlab/filebrowser';
import { searchIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import type { IWhose, IWhoseFile } from '../answers';
import { Problem } from '../api';
import { attempt, CommandIDs, takes, text } from '../commands';
import type { IServices } from '../context';
import { day } from '../time';
import type { ITrans } from '../words';
import { headline } from '../whose';
import { shortRef } from '../words';
import { Work } from '../work';

export function addTraceCommand(
  services: IServices,
  app: JupyterFrontEnd,
  documents: IDocumentManager | null
): void {
  const { commands, trans } = services;
  commands.addCommand(CommandIDs.trace, {
    label: trans.__('Trace a Copy…'),
    caption: trans.__('Find out whose marked copy a file is that turned up'),
    icon: searchIcon,
    isEnabled: () => documents !== null,
    describedBy: takes(
      { ref: 'The release, as org/name:version' },
      { path: 'The file that turned up; asked for if none' }
    ),
    execute: async args => {
      const ref = text(args, 'ref');
      const path = text(args, 'path') || (await ask(documents, ref, trans));
      if (!path) {
        return;
      }
      const local = app.serviceManager.contents.localPath(path);
      const whose = await attempt(services, trans.__('Nobody was named'), () =>
        follow(services, local, ref)
      );
      if (whose) {
        await tell(whose, ref, trans);
      }
    }
  });
}

/** The file that the person chooses; empty when they changed their mind. */
async function ask(
  manager: IDocumentManager | null,
  ref: string,
  trans: ITrans
): Promise<string> {
  if (manager === null) {
    return '';
  }
  const { button, value } = await FileDialog.getOpenFiles({
    manager,
    title: trans.__('Which file may be a copy of %1?', shortRef(ref)),
    label: trans.__(
      'It is compared with the release, which is opened on your server for that and gone again; the log says so.'
    )
  });
  return button.accept ? (value?.[0]?.path ?? '') : '';
}

/** Trace it, showing how far it is; null when the person cancelled. */
async function follow(
  { model, trans }: IServices,
  path: string,
  ref: string
): Promise<IWhose | null> {
  const work = new Work(model.api);
  const title = trans.__('Tracing %1', path);
  const id = Notification.emit(`${title} …`, 'in-progress', {
    autoClose: false,
    actions: [
      {
        label: trans.__('Cancel'),
        caption: trans.__('Stop, and name nobody'),
        callback: () => void work.cancel()
      }
    ]
  });
  work.changed.connect(() => {
    if (work.now?.what) {
      const { what, done, total } = work.now;
      const progress = total > 0 ? Math.min(1, done / total) : 0;
      Notification.update({ id, message: `${title}: ${what} …`, progress });
    }
  });
  try {
    return await work.run(name => model.api.trace(path, ref, name));
  } catch (thrown) {
    const problem = Problem.of(thrown);
    if (problem.kind !== 'Cancelled') {
      throw problem;
    }
    Notification.info([problem.message, problem.unchanged].join(' '), {
      autoClose: 4000
    });
    return null;
  } finally {
    Notification.dismiss(id);
    void model.refresh();
  }
}

/** The answer in a dialog: the name first, then what it rests on. */
async function tell(whose: IWhose, ref: string, trans: ITrans): Promise<void> {
  const body = new Widget();
  body.addClass('wb-question');
  body.addClass('wb-whose');
  body.node.dataset.wb = 'whose';
  for (const file of whose.files) {
    body.node.append(...about(file, trans));
  }
  await showDialog({
    title: headline(whose, ref, trans),
    body,
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}

function about(file: IWhoseFile, trans: ITrans): HTMLElement[] {
  const found = [paragraph(file.file, 'wb-whose-file')];
  if (file.unmarked) {
    found.push(
      paragraph(
        trans.__(
          'It is the unmarked model itself, so it came from somebody who holds that.'
        )
      )
    );
  }
  for (const copy of file.named) {
    const how = copy.granted
      ? trans.__('%1: granted on %2 (%3)', copy.name, day(copy.at), copy.id)
      : trans.__('%1: packed on %2 (%3)', copy.name, day(copy.at), copy.id);
    found.push(paragraph(how, 'wb-whose-name'));
  }
  return [...found, ...file.sentences.map(said => paragraph(said))];
}

function paragraph(said: string, className = ''): HTMLElement {
  const node = document.createElement('p');
  node.textContent = said;
  node.className = className;
  return node;
}
