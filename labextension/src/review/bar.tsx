/** The decision bar: a reason, what is allowed for how long, three buttons. */
import { Button, HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Problem } from '../api';
import { useModel, useNow, useServices } from '../context';
import { ProblemCard, ToneIcon } from '../parts';
import { WorkLine } from '../progress';
import { Ways } from '../request/answer';
import { Fault } from '../request/fields';
import { endOf } from '../time';
import type { IDecision, IRequestDetail, Right, VoteKind } from '../tokens';
import { shortRef } from '../words';
import type { IVoting } from './deciding';
import { useVoting, VOTES } from './deciding';
import { mostDays } from './limits';
import { MarkBox } from './mark';
import type { ReviewState } from './state';

interface IProps {
  detail: IRequestDetail;
  state: ReviewState;
}

export function DecisionBar({ detail, state }: IProps): JSX.Element {
  if (!detail.verbs.includes('decide')) {
    return <Standing detail={detail} />;
  }
  return <Deciding detail={detail} state={state} />;
}

/** What is shown to somebody who has nothing to decide. */
function Standing({ detail }: { detail: IRequestDetail }): JSX.Element {
  const { words, trans } = useServices();
  const { status } = useModel();
  const { given, needed } = detail.votes;
  const parts = [
    words.request(detail.state).explain,
    words.turn(detail, status?.person ?? null)
  ];
  if (needed > 1 && given < needed) {
    parts.push(
      trans.__(
        '%1 of %2 in, shown when all are in',
        String(given),
        String(needed)
      )
    );
  }
  return (
    <footer className="wb-bar" data-wb="standing">
      <p>{parts.filter(Boolean).join(' · ')}</p>
      {detail.reason && <p className="wb-quiet">“{detail.reason}”</p>}
    </footer>
  );
}

function Deciding({ detail, state }: IProps): JSX.Element {
  const { trans } = useServices();
  const voting = useVoting(detail, state);
  const { draft, change, fault, problem } = voting;
  const sending = voting.sending !== null;
  const work = voting.sending?.work ?? null;
  const id = React.useId();
  return (
    <footer
      className="wb-bar"
      aria-label={trans.__('Decision')}
      data-wb="decision-bar"
    >
      <PolicyLine decision={detail.decision} detail={detail} />
      {!detail.decision.allowed && (
        <Ways
          ways={detail.decision.alternatives}
          apply={({ days, right }) =>
            change({
              ...draft,
              days: days ?? draft.days,
              right: right ?? draft.right
            })
          }
        />
      )}
      <div className="wb-bar-fields">
        <label className="wb-bar-reason">
          <span>
            {trans.__('Rationale (needed; %1 reads it)', detail.person.name)}
          </span>
          <textarea
            ref={voting.fields.rationale}
            className="jp-mod-styled wb-text"
            rows={2}
            maxLength={4000}
            value={draft.rationale}
            disabled={sending}
            aria-required="true"
            aria-invalid={fault?.field === 'rationale'}
            aria-describedby={id}
            onChange={event =>
              change({ ...draft, rationale: event.target.value })
            }
            onKeyDown={leave}
            data-wb="rationale"
          />
        </label>
        <Limits detail={detail} voting={voting} faultId={id} />
      </div>
      {voting.right === 'retrieve' && (
        <MarkBox detail={detail} voting={voting} />
      )}
      <Fault id={id} text={fault?.text} />
      {problem && <Failed problem={problem} />}
      <Outcome detail={detail} voting={voting} />
      {work && <WorkLine work={work} begin={trans.__('Marking the copy')} />}
      <div className="wb-bar-buttons">
        <span className="wb-quiet wb-keys">
          {draft.vote
            ? trans.__('Ctrl+Enter sends: %1', voting.labels[draft.vote])
            : trans.__(
                'Keys: j k next, previous · a r x choose · Ctrl+Enter sends · Esc leaves the text'
              )}
        </span>
        {VOTES.map(vote => (
          <VoteButton key={vote} vote={vote} voting={voting} />
        ))}
      </div>
    </footer>
  );
}

/** Why it was not sent; that it was cancelled is no fault. */
function Failed({ problem }: { problem: Problem }): JSX.Element {
  if (problem.kind !== 'Cancelled') {
    return <ProblemCard problem={problem} />;
  }
  return (
    <p className="wb-note" role="status" data-wb="cancelled">
      {[problem.message, problem.unchanged].join(' ')}
    </p>
  );
}

/** Escape leaves the text, so that the single keys work again; the text stays. */
function leave(event: React.KeyboardEvent<HTMLElement>): void {
  if (event.key === 'Escape') {
    event.currentTarget
      .closest('.wb-Review')
      ?.querySelector<HTMLElement>('.wb-heading')
      ?.focus();
  }
}

function PolicyLine(props: {
  decision: IDecision;
  detail: IRequestDetail;
}): JSX.Element {
  const { trans } = useServices();
  const { decision, detail } = props;
  const { given, needed } = detail.votes;
  const parts = [
    decision.allowed
      ? trans.__('Policy: allowed')
      : trans.__('Policy: not allowed. %1', decision.rationale.join(' '))
  ];
  if (decision.allowed && decision.quorum > 0) {
    parts.push(
      trans._n('needs %1 approval', 'needs %1 approvals', decision.quorum)
    );
  }
  if (needed > 1) {
    parts.push(
      trans.__(
        '%1 of %2 in, shown when all are in',
        String(given),
        String(needed)
      )
    );
  }
  if (decision.allowed && decision.max_days > 0) {
    parts.push(
      trans._n('at most %1 day', 'at most %1 days', decision.max_days)
    );
  }
  return (
    <p className="wb-answer-line" data-wb="policy">
      <ToneIcon tone={decision.allowed ? 'good' : 'bad'} />
      <span>{parts.join(' · ')}</span>
    </p>
  );
}

function Limits(props: {
  detail: IRequestDetail;
  voting: IVoting;
  faultId: string;
}): JSX.Element {
  const { trans, words } = useServices();
  const { detail, voting, faultId } = props;
  const { draft, change, days, right, fault } = voting;
  const sending = voting.sending !== null;
  return (
    <>
      <label>
        <span>{trans.__('Days')}</span>
        <input
          ref={voting.fields.days}
          type="number"
          className="jp-mod-styled"
          min={1}
          max={mostDays(detail)}
          aria-invalid={fault?.field === 'days'}
          aria-describedby={faultId}
          value={Number.isNaN(days) ? '' : days}
          disabled={sending}
          onChange={event =>
            change({ ...draft, days: event.target.valueAsNumber })
          }
          data-wb="decision-days"
        />
      </label>
      <label className="wb-bar-right">
        <span>{trans.__('Right')}</span>
        <HTMLSelect
          value={right}
          disabled={sending}
          onChange={event =>
            change({ ...draft, right: event.target.value as Right })
          }
          data-wb="decision-right"
        >
          {detail.release.rights.map(each => (
            <option key={each} value={each}>
              {words.right(each).label}
            </option>
          ))}
        </HTMLSelect>
      </label>
    </>
  );
}

/** What Approve makes possible: for whom, what, until when. */
function Outcome(props: {
  detail: IRequestDetail;
  voting: IVoting;
}): JSX.Element {
  const { trans, words } = useServices();
  const now = useNow();
  const { detail, voting } = props;
  const { days, right } = voting;
  const { given, needed } = detail.votes;
  const asked =
    right === detail.right
      ? ''
      : trans.__(
          '%1 asked to %2.',
          detail.person.name,
          words.right(detail.right).verb
        );
  const sentence = Number.isInteger(days)
    ? trans.__(
        'Approve lets %1 %2 (%3) until %4.',
        detail.person.name,
        words.right(right).verb,
        shortRef(detail.ref),
        endOf(days, now)
      )
    : trans.__('Approve needs a number of days.');
  const more =
    given + 1 < needed
      ? trans._n(
          'It takes effect once %1 more reviewer approves.',
          'It takes effect once %1 more reviewers approve.',
          needed - given - 1
        )
      : '';
  return (
    <p className="wb-outcome" data-wb="outcome">
      {sentence} {asked && <strong>{asked}</strong>} {more}
    </p>
  );
}

function VoteButton(props: { vote: VoteKind; voting: IVoting }): JSX.Element {
  const { trans } = useServices();
  const { vote, voting } = props;
  const keys = { approve: 'a', return: 'r', reject: 'x' };
  const style = { approve: 'jp-mod-accept', return: '', reject: 'jp-mod-warn' };
  return (
    <Button
      className={`jp-mod-styled wb-button ${style[vote]} ${voting.draft.vote === vote ? 'wb-armed' : ''}`}
      title={trans.__('%1 (%2)', voting.labels[vote], keys[vote])}
      disabled={voting.sending !== null || !voting.possible(vote)}
      onClick={() => voting.send(vote)}
      data-wb={vote}
    >
      {voting.sending?.vote === vote
        ? voting.sending.work
          ? trans.__('Marking the copy…')
          : trans.__('Sending…')
        : voting.labels[vote]}
    </Button>
  );
}
