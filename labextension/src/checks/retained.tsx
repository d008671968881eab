/** Training rows inside the model: how many, where, in which form. */
import * as React from 'react';

import { useServices } from '../context';
import { ToneIcon } from '../parts';
import { Bar, Place, useCheckWords, useFirst } from './parts';
import type { IKept, IRetainedReport } from './types';

export function RetainedEvidence(props: {
  report: IRetainedReport;
  summary: string[];
}): JSX.Element {
  const { trans } = useServices();
  const { report, summary } = props;
  return (
    <>
      {summary.map(sentence => (
        <p key={sentence} className="wb-first">
          {sentence}
        </p>
      ))}
      <dl className="wb-part-bars">
        <Share
          name={trans.__('Rows inside')}
          count={report.rows}
          of={report.of}
        />
        {report.targets > 0 && (
          <Share
            name={trans.__('Rows whose value to be predicted is inside')}
            count={report.targets}
            of={report.of}
          />
        )}
      </dl>
      {report.found.length === 0 ? (
        <p>
          {report.gaps.length > 0
            ? trans.__('Nothing was found in what could be looked into.')
            : trans.__('Nothing was found.')}{' '}
          {trans.__(
            'The parts of the model were compared with all %1 training rows: whole rows, values to be predicted, single values, rare texts and words, and groups of a tree with fewer than %2 people.',
            String(report.of),
            String(report.k)
          )}
        </p>
      ) : (
        <Found report={report} />
      )}
    </>
  );
}

function Share(props: {
  name: string;
  count: number;
  of: number;
}): JSX.Element {
  const words = useCheckWords();
  const { name, count, of } = props;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Bar count={count} of={of} />
        <span className="wb-number">{words.share(count, of)}</span>
      </dd>
    </div>
  );
}

function Found({ report }: { report: IRetainedReport }): JSX.Element {
  const { trans } = useServices();
  const { shown, more } = useFirst(report.found);
  return (
    <>
      <table className="wb-table wb-kept">
        <caption>{trans.__('Places in the model, worst first')}</caption>
        <thead>
          <tr>
            <th scope="col">{trans.__('Place')}</th>
            <th scope="col">{trans.__('What')}</th>
            <th scope="col">{trans.__('How')}</th>
            <th scope="col">{trans.__('How many')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((kept, at) => (
            <KeptRows key={at} kept={kept} />
          ))}
        </tbody>
      </table>
      {more}
      {report.more > 0 && (
        <p className="wb-quiet">
          {trans._n(
            '%1 more place was found and is not listed.',
            '%1 more places were found and are not listed.',
            report.more
          )}
        </p>
      )}
    </>
  );
}

/** A place, and below it which rows and columns, why it matters and what to do. */
function KeptRows({ kept }: { kept: IKept }): JSX.Element {
  const { trans } = useServices();
  const words = useCheckWords();
  const what = words.keeping(kept.kind);
  const level = words.level(kept.level);
  const details = [
    ...(kept.columns.length > 0
      ? [trans.__('Columns: %1.', kept.columns.join(', '))]
      : []),
    ...(kept.positions.length > 0
      ? [words.rows(kept.positions, rowsOf(kept))]
      : [])
  ];
  return (
    <>
      <tr className="wb-kept-first">
        <th scope="row">
          <Place text={kept.where} />
        </th>
        <td title={what.explain}>
          <span title={level.explain}>
            <ToneIcon tone={level.tone} />{' '}
            <span className="wb-hidden">{level.label}: </span>
          </span>
          {what.label}
        </td>
        <td>{words.how(kept)}</td>
        <td className="wb-number">{words.share(kept.count, kept.of)}</td>
      </tr>
      <tr className="wb-kept-more">
        <td colSpan={4}>
          {details.length > 0 && (
            <p className="wb-wrapped">{details.join(' ')}</p>
          )}
          <p className="wb-quiet wb-wrapped">
            {kept.why} {kept.remedy}
          </p>
        </td>
      </tr>
    </>
  );
}

/** Of leaves, leaves are counted, so that nothing is known of how many rows are not listed. */
function rowsOf(kept: IKept): number {
  return kept.kind === 'leaves' ? kept.positions.length : kept.count;
}
