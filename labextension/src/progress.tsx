/** How far long work is, in one line with a bar and Cancel. */
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useServices } from './context';
import type { Work } from './work';

export function WorkLine(props: { work: Work; begin: string }): JSX.Element {
  const { trans } = useServices();
  const { work, begin } = props;
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    work.changed.connect(redraw);
    return () => {
      work.changed.disconnect(redraw);
    };
  }, [work]);
  const { now, cancelling } = work;
  const what = cancelling ? trans.__('Cancelling') : now?.what || begin;
  const known = now !== null && now.total > 0 && !cancelling;
  return (
    <div className="wb-work" data-wb="work">
      <span className="wb-work-what" role="status">
        {`${what} …`}
      </span>
      <progress
        aria-label={what}
        {...(known ? { max: now.total, value: now.done } : {})}
      />
      <Button
        className="jp-mod-styled wb-button"
        disabled={cancelling || now?.stoppable === false}
        onClick={() => void work.cancel()}
        data-wb="cancel-work"
      >
        {trans.__('Cancel')}
      </Button>
    </div>
  );
}
