/** Where a release of the list came from: a button to its lineage, and what it was derived from. */
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CommandIDs } from '../commands';
import { useServices } from '../context';
import { Badge } from '../parts';
import { ReleaseLink } from '../provenance/link';
import type { IParent } from '../tokens';

export function LineageButton({ release }: { release: string }): JSX.Element {
  const { trans, commands } = useServices();
  return (
    <Button
      small
      className="jp-mod-styled wb-button"
      title={commands.caption(CommandIDs.openProvenance, { ref: release })}
      onClick={() =>
        void commands.execute(CommandIDs.openProvenance, { ref: release })
      }
      data-wb="lineage"
    >
      {trans.__('Lineage')}
    </Button>
  );
}

/** “derived from ecg-net 0.2”; what is wrong with a parent is said beside it. */
export function Parents(props: { parents: IParent[] }): JSX.Element | null {
  const { trans, words } = useServices();
  if (props.parents.length === 0) {
    return null;
  }
  return (
    <span className="wb-parents" data-wb="parents">
      <span className="wb-quiet">{trans.__('derived from')}</span>
      {props.parents.map(({ ref, state }) => (
        <span key={ref} className="wb-parent" data-state={state}>
          <ReleaseLink release={ref} />
          {state !== 'published' && <Badge word={words.release(state)} />}
        </span>
      ))}
    </span>
  );
}
