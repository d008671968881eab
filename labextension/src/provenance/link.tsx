/** The name of a release; a press opens its lineage. */
import * as React from 'react';

import { CommandIDs } from '../commands';
import { useServices } from '../context';
import { shortRef } from '../words';

export function ReleaseLink({ release }: { release: string }): JSX.Element {
  const { commands } = useServices();
  return (
    <button
      type="button"
      className="wb-link"
      title={release}
      onClick={() =>
        void commands.execute(CommandIDs.openProvenance, { ref: release })
      }
    >
      {shortRef(release)}
    </button>
  );
}
