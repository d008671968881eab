/** The button that asks whose copy a found file is; for releases of which copies were marked. */
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CommandIDs } from '../commands';
import { useServices } from '../context';
import type { IRelease } from '../tokens';

export function TraceButton(props: { release: IRelease }): JSX.Element | null {
  const { trans, commands } = useServices();
  const { ref, holders } = props.release;
  if (!holders.some(grant => grant.marked)) {
    return null;
  }
  return (
    <Button
      small
      className="jp-mod-styled wb-button"
      title={trans.__('Find out whose marked copy a file is that turned up')}
      onClick={() => void commands.execute(CommandIDs.trace, { ref })}
      data-wb="trace"
    >
      {trans.__('Trace a copy…')}
    </Button>
  );
}
