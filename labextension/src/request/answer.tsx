/** What the gateway says to the form as it stands, with ways out as buttons. */
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CommandIDs } from '../commands';
import { useServices } from '../context';
import { ProblemCard, ToneIcon } from '../parts';
import type { IAlternative, IChange, IDecision } from '../tokens';
import type { IAnswer } from './explain';

interface IProps {
  answer: IAnswer;
  refName: string;
  apply: (change: IChange) => void;
}

export function Answer({ answer, refName, apply }: IProps): JSX.Element {
  const { trans } = useServices();
  const { decision, asking, problem } = answer;
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
        <ProblemCard problem={problem} />
      ) : decision === null ? (
        <p className="wb-quiet">
          {asking
            ? trans.__('Asking what the policy says…')
            : trans.__('The policy answers once the form can be read.')}
        </p>
      ) : denied ? (
        <Denied decision={decision} refName={refName} apply={apply} />
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
  refName: string;
  apply: (change: IChange) => void;
}): JSX.Element {
  const { trans } = useServices();
  const { decision, refName, apply } = props;
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
      {alternatives.length > 0 && (
        <div className="wb-ways" role="group" aria-label={trans.__('You can')}>
          <span>{trans.__('You can:')}</span>
          {alternatives.map(each => (
            <Way
              key={each.sentence}
              way={each}
              refName={refName}
              apply={apply}
            />
          ))}
        </div>
      )}
    </>
  );
}

/** An alternative; one for another release opens that release's form. */
function Way(props: {
  way: IAlternative;
  refName: string;
  apply: (change: IChange) => void;
}): JSX.Element {
  const { commands } = useServices();
  const { way, refName, apply } = props;
  const { ref, right, days, purpose_category } = way.change;
  const elsewhere = ref !== undefined && ref !== refName;
  const take = (): void => {
    if (elsewhere) {
      const change = { ref, right, days, purpose_category };
      void commands.execute(CommandIDs.request, change);
    } else {
      apply(way.change);
    }
  };
  return (
    <Button
      type="button"
      className="jp-mod-styled wb-button wb-way"
      onClick={take}
      data-wb="alternative"
    >
      {way.sentence}
    </Button>
  );
}
