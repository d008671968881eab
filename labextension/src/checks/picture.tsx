/** The picture of all attacks: to look at, to read point by point, or as a table. */
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useServices } from '../context';
import { leastSeen, strongestOf } from './curve';
import { percent } from './numbers';
import { Drawn, useCheckWords } from './parts';
import { Readable } from './reading';
import { rocGlance } from './roc';
import { RocTable } from './roctable';
import type { ILeakageReport } from './types';

const GLANCE = { width: 72, height: 36 };

export function RocFigure({ report }: { report: ILeakageReport }): JSX.Element {
  const { trans } = useServices();
  const words = useCheckWords();
  const [asTable, setAsTable] = React.useState(false);
  const strongest = strongestOf(report);
  const least = leastSeen(report.nonmembers);
  if (strongest === null) {
    return <p>{words.picture(report)}</p>;
  }
  return (
    <figure className="wb-roc">
      {asTable ? <RocTable report={report} /> : <Readable report={report} />}
      <figcaption className="wb-quiet">
        {!asTable && (
          <>
            {report.attacks.length > 1 &&
              trans.__(
                'Thick: the strongest of %1 attacks at few false alarms. Thin: the others. ',
                String(report.attacks.length)
              )}
            {trans.__(
              'Dots: rates with their 95 % interval. Dashed: guessing. '
            )}
          </>
        )}
        {least > 1e-3 &&
          trans.__(
            'With %1 strangers this sample cannot show what happens below %2 false alarms. ',
            String(report.nonmembers),
            percent(least)
          )}
      </figcaption>
      <Button
        small
        className="jp-mod-styled jp-mod-small wb-button"
        onClick={() => setAsTable(!asTable)}
      >
        {asTable ? trans.__('Show as picture') : trans.__('Show as table')}
      </Button>
    </figure>
  );
}

/** The strongest curve at the size of a word. */
export function RocGlance({ report }: { report: ILeakageReport }): JSX.Element {
  return (
    <svg className="wb-glance" {...GLANCE} aria-hidden="true" focusable="false">
      <Drawn shapes={rocGlance(report, GLANCE)} />
    </svg>
  );
}
