/** The Share form of one notebook, drawn beside it by the notebook's own kernel. */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { OutputAreaModel, SimplifiedOutputArea } from '@jupyterlab/outputarea';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { Panel } from '@lumino/widgets';
import * as React from 'react';

import type { IServices } from '../context';
import { Services } from '../context';
import { publishIcon } from '../icons';
import type { Trouble } from './code';
import { SHARE_CODE, troubleOf } from './code';
import type { Stage } from './message';
import { ShareMessage } from './message';

export class SharePanel extends Panel {
  private readonly area: SimplifiedOutputArea;
  private readonly message: ReactWidget;
  private stage: Stage = { name: 'asking' };
  /** Grows with each opening; an answer to an earlier one is dropped. */
  private round = 0;

  constructor(
    private readonly notebook: NotebookPanel,
    services: IServices
  ) {
    super();
    const { trans } = services;
    this.id = `workbench-share-${notebook.id}`;
    this.addClass('wb-Share');
    this.title.icon = publishIcon;
    this.title.caption = trans.__('Share: %1', notebook.title.label);
    this.title.closable = true;
    this.node.dataset.wb = 'share';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.title.caption);
    this.area = new SimplifiedOutputArea({
      model: new OutputAreaModel({ trusted: true }),
      // The notebook's own, since it carries the widget manager of its kernel.
      rendermime: notebook.content.rendermime
    });
    this.message = new MessageWidget(services, () => this.stage, {
      again: () => void this.open(),
      close: () => this.dispose()
    });
    this.addWidget(this.message);
    this.addWidget(this.area);
    notebook.disposed.connect(this.dispose, this);
    notebook.sessionContext.statusChanged.connect(this.onStatus, this);
    notebook.sessionContext.kernelChanged.connect(this.onKernel, this);
  }

  /** Ask the kernel for a fresh form. */
  async open(): Promise<void> {
    this.round += 1;
    const { round } = this;
    this.area.model.clear();
    const { sessionContext } = this.notebook;
    this.enter({ name: 'asking' });
    await sessionContext.ready;
    const kernel = sessionContext.session?.kernel;
    if (!kernel) {
      this.fail('no-kernel');
      return;
    }
    if (!(await speaksPython(kernel))) {
      this.fail('not-python');
      return;
    }
    const reply = await this.run(kernel);
    if (round !== this.round || this.isDisposed) {
      return;
    }
    if (reply?.content.status === 'ok') {
      this.enter({ name: 'open' });
    } else if (reply?.content.status === 'error') {
      const { ename, evalue } = reply.content;
      const trouble = troubleOf(ename, evalue);
      if (trouble === 'no-package') {
        this.area.model.clear();
      }
      this.fail(trouble);
    }
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    const { sessionContext } = this.notebook;
    sessionContext?.statusChanged.disconnect(this.onStatus, this);
    sessionContext?.kernelChanged.disconnect(this.onKernel, this);
    this.notebook.disposed.disconnect(this.dispose, this);
    super.dispose();
  }

  private async run(
    kernel: Kernel.IKernelConnection
  ): Promise<KernelMessage.IExecuteReplyMsg | null> {
    const future = kernel.requestExecute({
      code: SHARE_CODE,
      silent: false, // else nothing is shown
      store_history: false,
      stop_on_error: false,
      allow_stdin: false
    });
    this.area.future = future;
    try {
      return await future.done;
    } catch {
      return null; // the kernel went away; onStatus says so
    }
  }

  private onStatus(_: ISessionContext, status: Kernel.Status): void {
    if (
      status === 'restarting' ||
      status === 'autorestarting' ||
      status === 'dead' ||
      status === 'terminating'
    ) {
      this.lose();
    }
  }

  private onKernel(): void {
    if (this.stage.name === 'open') {
      this.lose();
    }
  }

  /** The form's other half is gone: what is left on screen would not work. */
  private lose(): void {
    this.round += 1;
    this.area.model.clear();
    this.enter({ name: 'lost' });
  }

  private fail(trouble: Trouble): void {
    this.enter({ name: 'trouble', trouble });
  }

  private enter(stage: Stage): void {
    this.stage = stage;
    this.message.update();
    this.node.dataset.stage = stage.name;
  }
}

class MessageWidget extends ReactWidget {
  constructor(
    private readonly services: IServices,
    private readonly stage: () => Stage,
    private readonly acts: { again: () => void; close: () => void }
  ) {
    super();
  }

  protected render(): JSX.Element {
    return (
      <Services.Provider value={this.services}>
        <ShareMessage stage={this.stage()} {...this.acts} />
      </Services.Provider>
    );
  }
}

async function speaksPython(
  kernel: Kernel.IKernelConnection
): Promise<boolean> {
  const info = await kernel.info;
  return info.language_info.name === 'python';
}
