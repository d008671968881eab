/** What the gateway says to the form as it stands, with ways out as buttons. */
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useServices } from '../context';
import { ProblemCard, ToneIcon } from '../parts';
import type { IAlternative, IChange, IDecision } from '../tokens';
import type { IAnswer } from './explain';

interface IProps {
  answer: IAnswer;
  retry: () => void;
  apply: (change: IChange) => void;
}

export function Answer({ answer, retry, apply }: IProps): JSX.Element {
  const { trans } = useServices();
  const { answer: decision, asking, problem } = answer;
  const denied = decision?.allowed === false;
  return (
    <div
      className={`wb-answer ${asking ? 'wb-asking' : ''}`}
      role="status"
      data-wb="answer"
      data-allowed={decision === null ? undefined : decision.allowed}
      data-asking={asking}
    >
      {problem ? (
        <ProblemCard problem={problem} retry={retry} />
      ) : decision === null ? (
        <p className="wb-quiet">
          {asking
            ? trans.__('Asking what the policy says…')
            : trans.__('The policy answers once the form can be read.')}
        </p>
      ) : denied ? (
        <Denied decision={decision} apply={apply} />
      ) : (
        <Allowed decision={decision} />
      )}
    </div>
  );
}

function Allowed({ decision }: { decision: IDecision }): JSX.Element {
  const { trans } = useServices();
  const parts = [
    decision.quorum === 0
      ? trans.__('no reviewer needed')
      : trans._n('%1 approval needed', '%1 approvals needed', decision.quorum)
  ];
  if (decision.max_days > 0) {
    parts.push(
      trans._n('at most %1 day', 'at most %1 days', decision.max_days)
    );
  }
  return (
    <p className="wb-answer-line">
      <ToneIcon tone="good" />
      <span>
        {trans.__('You can ask for this:')} {parts.join(' · ')}
      </span>
    </p>
  );
}

function Denied(props: {
  decision: IDecision;
  apply: (change: IChange) => void;
}): JSX.Element {
  const { trans } = useServices();
  const { decision, apply } = props;
  const { rationale, policies, advice, alternatives } = decision;
  return (
    <>
      <p className="wb-answer-line">
        <ToneIcon tone="bad" />
        <span>
          {rationale.join(' ') || trans.__('This is not allowed.')}{' '}
          {policies.length > 0 && (
            <span className="wb-quiet">
              ({trans.__('policy')} {policies.join(', ')})
            </span>
          )}
        </span>
      </p>
      {advice.map(each => (
        <p key={each} className="wb-answer-advice">
          {each}
        </p>
      ))}
      <Ways ways={alternatives} apply={apply} />
    </>
  );
}

/** What the same policies would allow, each as a button. */
export function Ways(props: {
  ways: IAlternative[];
  apply: (change: IChange) => void;
}): JSX.Element | null {
  const { trans } = useServices();
  const { ways, apply } = props;
  if (ways.length === 0) {
    return null;
  }
  return (
    <div className="wb-ways" role="group" aria-label={trans.__('You can')}>
      <span>{trans.__('You can:')}</span>
      {ways.map(way => (
        <Button
          key={way.sentence}
          type="button"
          className="jp-mod-styled wb-button wb-way"
          onClick={() => apply(way.change)}
          data-wb="alternative"
        >
          {way.sentence}
        </Button>
      ))}
    </div>
  );
}
