/** Safe form: what was written, and the proof that the model still says the same. */
import * as React from 'react';

import { useServices } from '../context';
import { Rows } from '../parts';
import { tiny } from './numbers';
import { Sentences } from './parts';
import type { IConvertedReport } from './types';

export function ConvertedEvidence(props: {
  report: IConvertedReport;
  sentences: string[];
}): JSX.Element {
  const { trans } = useServices();
  const { report, sentences } = props;
  const trustRow: [string, string] = [
    trans.__('To be named when opening it'),
    report.trust.join(', ')
  ];
  const rows: [string, string][] = [
    [trans.__('Model'), report.source],
    [trans.__('Written as'), report.form],
    [trans.__('Files'), report.files.join(', ')],
    [trans.__('Opened with'), report.loader],
    [
      trans.__('Compared'),
      report.rows > 0
        ? trans.__(
            '%1: %2 answers on %3 rows',
            report.compared,
            String(report.outputs),
            String(report.rows)
          )
        : trans.__('%1: %2', report.compared, String(report.outputs))
    ],
    [
      trans.__('Largest difference'),
      trans.__(
        '%1, where up to %2 counts as equal',
        tiny(report.difference),
        tiny(report.tolerance)
      )
    ],
    ...(report.trust.length > 0 ? [trustRow] : [])
  ];
  return (
    <>
      <Sentences sentences={sentences} />
      <Rows rows={rows} />
    </>
  );
}
