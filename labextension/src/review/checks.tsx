/** Checks: what was tested about the release, and the evidence behind it. */
import * as React from 'react';

import { useServices } from '../context';
import { Badge, Empty, Rows, ToneIcon } from '../parts';
import type { ICheck, IRequestDetail } from '../tokens';

const ORDER = { failed: 0, unknown: 1, passed: 2 };

export function ChecksTab({ detail }: { detail: IRequestDetail }): JSX.Element {
  const { trans } = useServices();
  return (
    <div className="wb-checks">
      {detail.checks.length === 0 ? (
        <Empty
          text={trans.__(
            'Nothing was checked. Ask the owner to run the inspection, and return the request until then.'
          )}
        />
      ) : (
        <CheckList checks={detail.checks} />
      )}
      <h3>{trans.__('Evidence')}</h3>
      <EvidenceView detail={detail} />
    </div>
  );
}

/** What failed first, then what nobody measured. */
export function CheckList(props: { checks: ICheck[] }): JSX.Element {
  const checks = [...props.checks].sort(
    (one, other) => ORDER[one.outcome] - ORDER[other.outcome]
  );
  return (
    <ul className="wb-check-list">
      {checks.map(check => (
        <CheckRow key={check.title} check={check} />
      ))}
    </ul>
  );
}

function CheckRow({ check }: { check: ICheck }): JSX.Element {
  const { words } = useServices();
  return (
    <li className="wb-check-row" data-outcome={check.outcome}>
      <span className="wb-check-title">{check.title}</span>
      <Badge word={words.verdict(check.outcome)} />
      <p>{check.sentence}</p>
    </li>
  );
}

function EvidenceView({ detail }: { detail: IRequestDetail }): JSX.Element {
  const { trans } = useServices();
  const { available, why, statements } = detail.evidence;
  if (!available) {
    return (
      <p className="wb-answer-line">
        <ToneIcon tone="plain" />
        <span>{why ?? trans.__('The evidence cannot be shown to you.')}</span>
      </p>
    );
  }
  if (statements.length === 0) {
    return (
      <p className="wb-quiet">
        {trans.__('The owner added no evidence to this release.')}
      </p>
    );
  }
  return (
    <>
      {statements.map(statement => (
        <section key={statement.title} className="wb-statement">
          <h4>{statement.title}</h4>
          <Rows rows={statement.rows} />
        </section>
      ))}
    </>
  );
}
