/** Planted records: whether the model remembers what nothing else in its data explains. */
import * as React from 'react';

import { useServices } from '../context';
import { decimal, decimals } from './numbers';
import { Dot, Sentences } from './parts';
import type { ICanaries } from './types';

/** How often the planted one of a pair is picked, and where guessing is. For the eye only. */
export function CanariesGlance({ report }: { report: ICanaries }): JSX.Element {
  const { auc, interval } = report;
  const from = Math.min(0.4, interval.low);
  return (
    <Dot value={auc} interval={interval} from={from} to={1} chance={0.5} />
  );
}

export function CanariesEvidence(props: {
  report: ICanaries;
  sentences: string[];
}): JSX.Element {
  const { trans } = useServices();
  const { report, sentences } = props;
  return (
    <>
      <Sentences sentences={sentences} />
      <table className="wb-table">
        <caption>
          <strong>{trans.__('Planted and kept aside')}</strong>{' '}
          {trans.__(
            'How well the records that were planted are told from those that were not: 0.50 is guessing (dashed), 1.00 is always right.'
          )}
        </caption>
        <thead>
          <tr>
            <th scope="col">{trans.__('Planted')}</th>
            <th scope="col">{trans.__('Kept aside')}</th>
            <th scope="col" colSpan={2}>
              {trans.__('Area under the curve (95 % interval)')}
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td className="wb-number">{report.planted}</td>
            <td className="wb-number">{report.aside}</td>
            <td className="wb-dot-cell">
              <CanariesGlance report={report} />
            </td>
            <td className="wb-number">
              {decimal(report.auc)}{' '}
              <span className="wb-interval">({decimals(report.interval)})</span>
            </td>
          </tr>
        </tbody>
      </table>
    </>
  );
}
