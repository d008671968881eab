/** The Sharing side panel: who I am, then what waits, what I asked for, what there is. */
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IServices } from '../context';
import { Services } from '../context';
import { sharingIcon } from '../icons';
import { Panel } from './panel';

export const PANEL_ID = 'workbench-sharing';

export class SharingPanel extends ReactWidget {
  constructor(private readonly services: IServices) {
    super();
    const { trans, model } = services;
    this.id = PANEL_ID;
    this.addClass('wb-Panel');
    this.title.icon = sharingIcon;
    this.title.caption = trans.__('Sharing');
    this.node.dataset.wb = 'panel';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Sharing'));
    model.changed.connect(this.showCount, this);
  }

  protected render(): JSX.Element {
    return (
      <Services.Provider value={this.services}>
        <Panel />
      </Services.Provider>
    );
  }

  /** The number to review, on the side bar tab. */
  private showCount(): void {
    const { model, trans } = this.services;
    const count = model.review?.length ?? 0;
    this.title.caption =
      count > 0
        ? trans._n('Sharing: %1 to review', 'Sharing: %1 to review', count)
        : trans.__('Sharing');
    this.title.className = count > 0 ? 'wb-has-count' : '';
    this.title.dataset = count > 0 ? { 'wb-count': String(count) } : {};
  }
}
