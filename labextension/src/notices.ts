/** Tells the person what moved, with a button that leads there. */
import { Notification } from '@jupyterlab/apputils';
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from './commands';
import type { INotice, ISharing } from './tokens';
import type { ITrans } from './words';

export function tellMoves(
  model: ISharing,
  commands: CommandRegistry,
  trans: ITrans,
  enabled: () => boolean
): void {
  model.moved.connect((_, notices) => {
    if (enabled()) {
      notices.forEach(notice => tell(notice, commands, trans));
    }
  });
}

function tell(notice: INotice, commands: CommandRegistry, trans: ITrans): void {
  const { request } = notice;
  const types = { good: 'success', bad: 'warning', plain: 'info' } as const;
  Notification.emit(notice.text, types[notice.kind], {
    autoClose: 8000,
    actions: [
      {
        label: request ? trans.__('Open') : trans.__('Open panel'),
        caption: trans.__('Show it'),
        displayType: 'link',
        callback: () =>
          void (request
            ? commands.execute(CommandIDs.openReview, { id: request })
            : commands.execute(CommandIDs.openPanel))
      }
    ]
  });
}
