/** Where views go: the main area in Lab, the right side in Notebook 7, whose main area is taken. */
import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { Widget } from '@lumino/widgets';

/** Add a view and show it. In Lab it gets a tab; the returned widget is what was added. */
export function showView(
  app: JupyterFrontEnd,
  labShell: ILabShell | null,
  content: Widget,
  id: string
): Widget {
  if (labShell === null) {
    content.id = id;
    app.shell.add(content, 'right', { rank: 500 });
    app.shell.activateById(id);
    return content;
  }
  const main = new MainAreaWidget({ content });
  main.id = id;
  main.toolbar.hide();
  main.title.closable = true;
  app.shell.add(main, 'main');
  app.shell.activateById(id);
  return main;
}

/** What its tab says, with the icon in the middle of the line as on Lab's own tabs. */
export function entitle(shown: Widget, label: string, icon: LabIcon): void {
  shown.title.label = label;
  shown.title.icon = icon.bindprops({ stylesheet: 'mainAreaTab' });
}
