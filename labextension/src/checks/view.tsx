/** Checks: what was inspected of a release, what came of it, and what was not measured. */
import * as React from 'react';

import { useModel, useServices } from '../context';
import { useAnswer } from '../loading';
import { Empty, Fold, Loading, ProblemCard, Rows, ToneIcon } from '../parts';
import type { IDecision, IEvidence } from '../tokens';
import { gapsOf, isUninspected } from './answer';
import { Sentences } from './parts';
import { CheckRows } from './rows';
import type { IReleaseChecks } from './types';

/** Until it is known who looks, nothing is asked. */
const NEVER = new Promise<never>(() => undefined);

export function ChecksView(props: {
  release: string;
  /** What the policies say of the request that is looked at. */
  decision: IDecision;
  evidence: IEvidence;
}): JSX.Element {
  const { release, decision, evidence } = props;
  const { trans } = useServices();
  const model = useModel();
  const { api } = model;
  const person = model.status?.person?.id;
  // Who looks decides what may be seen.
  const ask = React.useCallback(
    () => (person === undefined ? NEVER : api.checks(release)),
    [api, person, release]
  );
  const { answer, problem, again } = useAnswer<IReleaseChecks>(ask);
  const node = React.useRef<HTMLDivElement>(null);
  // The button goes away with the problem; the keys of Review need a focus that stays.
  const retry = (): void => {
    node.current?.focus({ preventScroll: true });
    again();
  };
  return (
    <div ref={node} className="wb-inspection" tabIndex={-1}>
      {problem ? (
        <ProblemCard problem={problem} retry={retry} />
      ) : answer === null ? (
        <Loading text={trans.__('Reading what was inspected…')} />
      ) : (
        <>
          <Answered
            answer={answer}
            decision={decision}
            readable={evidence.available}
          />
          {evidence.available && <Statements evidence={evidence} />}
        </>
      )}
    </div>
  );
}

function Answered(props: {
  answer: IReleaseChecks;
  decision: IDecision;
  /** Whether the evidence of the release can be opened. */
  readable: boolean;
}): JSX.Element {
  const { trans } = useServices();
  const { answer, decision, readable } = props;
  const uninspected = isUninspected(answer, readable);
  return (
    <>
      {uninspected && <Uninspected decision={decision} />}
      {!uninspected && !answer.available && (
        <p className="wb-answer-line" data-part="why">
          <ToneIcon tone="plain" />
          <span>
            {answer.why ??
              trans.__('The evidence behind this cannot be shown to you.')}
          </span>
        </p>
      )}
      {answer.rows.length === 0 ? (
        <Empty text={trans.__('Nothing was checked.')} />
      ) : (
        <CheckRows answer={answer} />
      )}
      <Gaps gaps={gapsOf(answer)} />
    </>
  );
}

/** No inspection is no finding: what the policies make of that is said with it. */
function Uninspected({ decision }: { decision: IDecision }): JSX.Element {
  const { trans } = useServices();
  const reasons = [...decision.rationale, ...decision.advice];
  return (
    <div className="wb-note" data-part="uninspected">
      <p>
        <strong>
          {trans.__('Nobody has run the inspection for this release.')}
        </strong>
      </p>
      <p>
        {decision.allowed
          ? trans.__('The policy allows this request without it.')
          : trans.__('The policy does not allow this request as it is.')}{' '}
        {reasons.join(' ')}
      </p>
      <p>
        {trans.__(
          'The owner can run it when sharing a new version. Return the request with that question if you need to know.'
        )}
      </p>
    </div>
  );
}

function Gaps({ gaps }: { gaps: string[] }): JSX.Element | null {
  const { trans } = useServices();
  if (gaps.length === 0) {
    return null;
  }
  return (
    <section className="wb-gaps" data-part="gaps">
      <h3>{trans.__('What was not measured')}</h3>
      <Sentences sentences={gaps} />
    </section>
  );
}

/** What the owner signed, statement by statement. */
function Statements({ evidence }: { evidence: IEvidence }): JSX.Element | null {
  const { trans } = useServices();
  const { statements } = evidence;
  if (statements.length === 0) {
    return null;
  }
  return (
    <Fold
      title={trans.__('All that the owner signed')}
      className="wb-signed-all"
    >
      {statements.map(statement => (
        <section key={statement.title} className="wb-statement">
          <h4>{statement.title}</h4>
          <Rows rows={statement.rows} />
        </section>
      ))}
    </Fold>
  );
}
