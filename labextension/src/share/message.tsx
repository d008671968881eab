/** What the Share view says above, or instead of, the form. */
import { Button, closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useServices } from '../context';
import { IconButton, Loading, ToneIcon } from '../parts';
import type { ITrans } from '../words';
import type { Trouble } from './code';

export type Stage =
  | { name: 'asking' }
  | { name: 'open' }
  | { name: 'lost' }
  | { name: 'trouble'; trouble: Trouble };

export function ShareMessage(props: {
  stage: Stage;
  again: () => void;
  close: () => void;
}): JSX.Element {
  const { trans } = useServices();
  const { stage, again, close } = props;
  return (
    <div className="wb-share-head">
      <div className="wb-share-title">
        <h2>{trans.__('Share a model')}</h2>
        <IconButton
          icon={closeIcon}
          label={trans.__('Close')}
          onClick={close}
          name="share-close"
        />
      </div>
      {stage.name === 'asking' && (
        <Loading
          text={trans.__(
            'Asking the notebook’s kernel; if it is running a cell, the form opens after that.'
          )}
        />
      )}
      {stage.name === 'lost' && (
        <Notice
          text={trans.__(
            'The kernel was restarted, so this form is closed. Run your notebook up to the model, then open it again.'
          )}
          again={again}
        />
      )}
      {stage.name === 'trouble' && (
        <Notice text={sayTrouble(stage.trouble, trans)} again={again} />
      )}
    </div>
  );
}

function Notice(props: { text: string; again: () => void }): JSX.Element {
  const { trans } = useServices();
  return (
    <div className="wb-problem" role="alert" data-wb="share-notice">
      <ToneIcon tone="ask" />
      <div>
        <p>{props.text}</p>
        <Button
          className="jp-mod-styled wb-button"
          onClick={props.again}
          data-wb="share-again"
        >
          {trans.__('Open Share again')}
        </Button>
      </div>
    </div>
  );
}

function sayTrouble(trouble: Trouble, trans: ITrans): string {
  switch (trouble) {
    case 'no-kernel':
      return trans.__(
        'This notebook has no kernel. Choose one at its top right, run the notebook up to the model, then open Share again.'
      );
    case 'not-python':
      return trans.__(
        'Sharing works from Python kernels. Choose a Python kernel at the top right of the notebook, or load the model in a Python notebook.'
      );
    case 'no-package':
      return trans.__(
        'The environment of this kernel lacks the package sharing-workbench. Run “%pip install sharing-workbench” in a cell, restart the kernel, then open Share again.'
      );
    case 'failed':
      return trans.__(
        'The form could not be opened; what the kernel said is below. Nothing was shared.'
      );
  }
}
