/** The menu of the Use button. */
import { MenuSvg } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import type { IRequest } from '../tokens';
import type { ITrans } from '../words';

export function openUseMenu(
  anchor: HTMLElement,
  request: IRequest,
  commands: CommandRegistry,
  trans: ITrans
): void {
  const menu = new MenuSvg({ commands });
  menu.addClass('wb-menu');
  menu.title.label = trans.__('Use');
  const { id, ref, right } = request;
  const args = { id, ref, right };
  menu.addItem({ command: 'workbench:insert-code', args });
  menu.addItem({ command: 'workbench:copy-code', args });
  menu.addItem({ type: 'separator' });
  menu.addItem({ command: 'workbench:open-review', args: { id } });
  if (request.verbs.includes('renew')) {
    menu.addItem({ command: 'workbench:renew-request', args });
  }
  const box = anchor.getBoundingClientRect();
  menu.aboutToClose.connect(() => anchor.focus());
  menu.open(box.left, box.bottom);
}
