/** What was tested about a lineage, one line each. */
import * as React from 'react';

import { useServices } from '../context';
import { Badge } from '../parts';
import type { ICheck } from '../tokens';

const ORDER = { failed: 0, unknown: 1, passed: 2 };

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
