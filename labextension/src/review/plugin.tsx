/** The Review tab and its commands. */
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import {
  caretDownIcon,
  caretUpIcon,
  checkIcon,
  ReactWidget
} from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';
import * as React from 'react';

import { CommandIDs, takes, text } from '../commands';
import type { IServices } from '../context';
import { Services } from '../context';
import { toneIcons } from '../icons';
import { entitle, showView } from '../place';
import { servicesOf } from '../plugin';
import { ISharing } from '../tokens';
import { ReviewState } from './state';
import { ReviewView } from './view';

const ID = 'workbench-review';

export const reviewPlugin: JupyterFrontEndPlugin<void> = {
  id: '@sharing-workbench/labextension:review',
  description: 'The Review tab: look at a request and decide.',
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
    const state = new ReviewState(model);
    const tracker = new WidgetTracker<Widget>({ namespace: ID });
    state.isVisible = () => tracker.currentWidget?.isVisible ?? false;
    const open = (): void => {
      if (tracker.currentWidget) {
        app.shell.activateById(ID);
        return;
      }
      const content = new ReviewWidget(services, state);
      const shown = showView(app, labShell, content, ID);
      entitle(shown, services.trans.__('Review'), checkIcon);
      void tracker.add(shown);
    };
    addReviewCommands(services, state, open, () =>
      Boolean(tracker.currentWidget)
    );
    forgetOnSwitch(model, state);
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openReview,
        name: () => ID
      });
    }
  }
};

class ReviewWidget extends ReactWidget {
  constructor(
    private readonly services: IServices,
    private readonly state: ReviewState
  ) {
    super();
    this.addClass('wb-View');
    this.addClass('wb-Review');
    this.node.dataset.wb = 'review-tab';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', services.trans.__('Review'));
    this.node.tabIndex = -1;
  }

  protected render(): JSX.Element {
    return (
      <Services.Provider value={this.services}>
        <ReviewView state={this.state} />
      </Services.Provider>
    );
  }

  protected onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    const heading = this.node.querySelector<HTMLElement>('.wb-heading');
    (heading ?? this.node).focus();
  }
}

/** A request of one person must not stay open for the next one played. */
function forgetOnSwitch(model: ISharing, state: ReviewState): void {
  let who: string | undefined;
  model.changed.connect(() => {
    const now = model.status?.person?.id;
    if (who !== undefined && now !== who) {
      state.reset();
    }
    who = now;
  });
}

function addReviewCommands(
  services: IServices,
  state: ReviewState,
  open: () => void,
  isOpen: () => boolean
): void {
  const { commands, model, trans, words } = services;
  commands.addCommand(CommandIDs.openReview, {
    label: args =>
      args['id'] ? trans.__('Open Request') : trans.__('Review Requests'),
    caption: trans.__('Look at a request, its grounds and its history'),
    icon: checkIcon,
    isEnabled: () => model.status?.locked !== true,
    describedBy: takes(
      {},
      { id: 'The request; the first in the queue if none' }
    ),
    execute: args => {
      const id = text(args, 'id');
      if (id) {
        state.open(id);
      }
      open();
    }
  });
  const key = (
    id: string,
    label: string,
    icon: typeof checkIcon,
    possible: () => boolean,
    execute: () => void
  ) =>
    commands.addCommand(id, {
      label,
      caption: label,
      icon,
      isEnabled: () => isOpen() && possible(),
      describedBy: takes({}),
      execute
    });
  key(
    CommandIDs.reviewNext,
    trans.__('Next Request'),
    caretDownIcon,
    () => state.canStep(1),
    () => state.step(1)
  );
  key(
    CommandIDs.reviewPrevious,
    trans.__('Previous Request'),
    caretUpIcon,
    () => state.canStep(-1),
    () => state.step(-1)
  );
  const always = () => true;
  const { approve, reject, back } = {
    approve: words.vote('approve').label,
    reject: words.vote('reject').label,
    back: words.vote('return').label
  };
  key(CommandIDs.reviewApprove, approve, toneIcons.good, always, () =>
    state.wish('approve')
  );
  key(CommandIDs.reviewReturn, back, toneIcons.ask, always, () =>
    state.wish('return')
  );
  key(CommandIDs.reviewReject, reject, toneIcons.bad, always, () =>
    state.wish('reject')
  );
  key(CommandIDs.reviewSend, trans.__('Send Decision'), checkIcon, always, () =>
    state.wish('send')
  );
}
