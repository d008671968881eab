/** Unsafe content: what was found in each file, whatever its name says. */
import * as React from 'react';

import { useServices } from '../context';
import { Badge, Empty, Fold } from '../parts';
import { filesInOrder, findingsInOrder } from './answer';
import { Place, useCheckWords, useFirst } from './parts';
import type { IFileScan, IFinding, IScanReport } from './types';

export function ScanEvidence({ report }: { report: IScanReport }): JSX.Element {
  const { trans } = useServices();
  const files = React.useMemo(() => filesInOrder(report.files), [report]);
  const { shown, more } = useFirst(files);
  if (files.length === 0) {
    return <Empty text={trans.__('There was no file to look at.')} />;
  }
  return (
    <>
      <ul className="wb-list wb-files">
        {shown.map((file, at) => (
          <FileRow key={at} file={file} />
        ))}
      </ul>
      {more}
      <p className="wb-quiet">
        {trans.__('Looked at by content, with the rules of %1.', report.rules)}
      </p>
    </>
  );
}

function FileRow({ file }: { file: IFileScan }): JSX.Element {
  const { trans } = useServices();
  const words = useCheckWords();
  const { shown, more } = useFirst(findingsInOrder(file.findings));
  return (
    <li data-outcome={file.outcome}>
      <p className="wb-file-head">
        <Place text={file.path} />
        <span className="wb-quiet">{file.kind}</span>
        <Badge word={words.scanned(file.outcome)} />
      </p>
      <p className="wb-wrapped">{file.reason}</p>
      {shown.length > 0 && (
        <ul className="wb-list wb-findings">
          {shown.map((finding, at) => (
            <FindingRow key={at} finding={finding} />
          ))}
        </ul>
      )}
      {more}
      {file.dropped > 0 && (
        <p className="wb-quiet">
          {trans._n(
            '%1 more finding is not listed.',
            '%1 more findings are not listed.',
            file.dropped
          )}
        </p>
      )}
      <Names file={file} />
    </li>
  );
}

function FindingRow({ finding }: { finding: IFinding }): JSX.Element {
  const { trans } = useServices();
  const words = useCheckWords();
  const { level, where, offset, what, why, remedy } = finding;
  return (
    <li className="wb-finding" data-rule={finding.rule}>
      <Badge word={words.level(level)} />
      <div>
        <p>
          <Place text={what} />{' '}
          <span className="wb-quiet wb-wrapped">
            {offset === null
              ? trans.__('in %1', where)
              : trans.__('in %1, at byte %2', where, String(offset))}
          </span>
        </p>
        <p className="wb-wrapped">
          {why} {remedy}
        </p>
      </div>
    </li>
  );
}

/** What a file asks Python for, as long as it is. */
function Names({ file }: { file: IFileScan }): JSX.Element | null {
  const { trans } = useServices();
  const count = file.names.length + file.more_names;
  if (count === 0) {
    return null;
  }
  return (
    <Fold
      title={trans._n(
        'The %1 name it asks Python for',
        'The %1 names it asks Python for',
        count
      )}
    >
      <ul className="wb-list wb-names">
        {file.names.map(name => (
          <li key={name}>
            <Place text={name} />
          </li>
        ))}
      </ul>
      {file.more_names > 0 && (
        <p className="wb-quiet">
          {trans.__('%1 more are not listed.', String(file.more_names))}
        </p>
      )}
    </Fold>
  );
}
