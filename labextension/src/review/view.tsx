/** The Review tab: who asks what, on what grounds to decide, and the decision. */
import {
  caretDownIcon,
  caretUpIcon,
  closeIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';

import { Problem } from '../api';
import { CommandIDs } from '../commands';
import { useModel, useNow, useServices } from '../context';
import {
  Badge,
  Empty,
  IconButton,
  Loading,
  ProblemCard,
  ToneIcon
} from '../parts';
import { ago } from '../time';
import type { IRequestDetail } from '../tokens';
import { shortRef } from '../words';
import { DecisionBar } from './bar';
import type { ReviewState } from './state';
import { Tabs } from './tabs';

export function ReviewView({ state }: { state: ReviewState }): JSX.Element {
  const { trans } = useServices();
  const model = useModel();
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    state.changed.connect(redraw);
    return () => {
      state.changed.disconnect(redraw);
    };
  }, [state]);
  const id = state.current;
  React.useEffect(() => state.pin(), [state, id]);
  const { detail, problem, again } = useDetail(id);
  if (id === null) {
    return <NothingLeft state={state} />;
  }
  if (detail === null) {
    return problem ? (
      <ProblemCard problem={problem} retry={again} />
    ) : (
      <Loading text={trans.__('Opening the request…')} />
    );
  }
  return (
    <article className="wb-review" data-request={detail.id}>
      <Said text={state.said} />
      <Head detail={detail} state={state} />
      {problem && <ProblemCard problem={problem} retry={again} />}
      <Tabs key={`tabs ${detail.id}`} detail={detail} />
      <DecisionBar
        key={`bar ${model.status?.person?.id ?? ''} ${detail.id} ${detail.turn}`}
        detail={detail}
        state={state}
      />
    </article>
  );
}

function NothingLeft({ state }: { state: ReviewState }): JSX.Element {
  const { trans } = useServices();
  const model = useModel();
  if (model.review === null) {
    return model.problem ? (
      <ProblemCard problem={model.problem} retry={() => void model.refresh()} />
    ) : (
      <Loading text={trans.__('Asking the exchange…')} />
    );
  }
  return (
    <>
      <Said text={state.said} />
      <Empty
        text={trans.__(
          'Nothing to review. Requests for releases you are a reviewer of open here; you will be told when one comes in.'
        )}
      />
    </>
  );
}

function Said({ text }: { text: string }): JSX.Element {
  return (
    <p className="wb-said" role="status">
      {text && (
        <>
          <ToneIcon tone="good" /> {text}
        </>
      )}
    </p>
  );
}

function Head(props: {
  detail: IRequestDetail;
  state: ReviewState;
}): JSX.Element {
  const { trans, words } = useServices();
  const model = useModel();
  const now = useNow();
  const { detail, state } = props;
  const node = React.useRef<HTMLHeadingElement>(null);
  React.useEffect(() => {
    const tab = node.current?.closest('.wb-Review');
    const at = document.activeElement;
    if (at === document.body || tab?.contains(at)) {
      node.current?.focus({ preventScroll: true });
    }
  }, [detail.id]);
  return (
    <header className="wb-review-head">
      <div className="wb-review-title">
        <h2 ref={node} tabIndex={-1} className="wb-heading">
          <strong title={detail.ref}>{shortRef(detail.ref)}</strong>
          {' · '}
          {trans.__(
            '%1 asks to %2 for %3',
            detail.person.name,
            words.right(detail.right).verb,
            words.days(detail.days)
          )}
        </h2>
        <Steps state={state} />
      </div>
      <p className="wb-review-standing">
        <Badge word={words.request(detail.state)} />
        <span className="wb-quiet">
          {[
            trans.__('sent %1', ago(detail.created, now, trans)),
            words.turn(detail, model.status?.person ?? null)
          ].join(' · ')}
        </span>
      </p>
    </header>
  );
}

function Steps({ state }: { state: ReviewState }): JSX.Element | null {
  const { trans, commands } = useServices();
  const { queue, current } = state;
  if (queue.length === 0) {
    return null;
  }
  const at = current === null ? -1 : queue.indexOf(current);
  return (
    <nav className="wb-steps" aria-label={trans.__('Requests to review')}>
      <span className="wb-quiet" data-wb="position">
        {at < 0
          ? trans._n('%1 to review', '%1 to review', queue.length)
          : trans.__('%1 of %2', String(at + 1), String(queue.length))}
      </span>
      <IconButton
        icon={caretUpIcon}
        label={trans.__('Previous request (k)')}
        disabled={!state.canStep(-1)}
        onClick={() => void commands.execute(CommandIDs.reviewPrevious)}
        name="previous"
      />
      <IconButton
        icon={at < 0 ? closeIcon : caretDownIcon}
        label={
          at < 0
            ? trans.__('Back to what waits for review (j)')
            : trans.__('Next request (j)')
        }
        disabled={!state.canStep(1)}
        onClick={() => void commands.execute(CommandIDs.reviewNext)}
        name="next"
      />
    </nav>
  );
}

interface ILoaded {
  id: string | null;
  detail: IRequestDetail | null;
  problem: Problem | null;
}

/** A request with all its grounds; loaded again when it moved. */
function useDetail(id: string | null) {
  const model = useModel();
  const { api } = model;
  const [loaded, setLoaded] = React.useState<ILoaded>({
    id: null,
    detail: null,
    problem: null
  });
  const [round, again] = React.useReducer((count: number) => count + 1, 0);
  const known = id === null ? null : model.request(id);
  const stamp = JSON.stringify([
    model.status?.person?.id,
    known?.updated,
    known?.state,
    known?.votes.given
  ]);
  React.useEffect(() => {
    if (id === null) {
      return;
    }
    let current = true;
    const load = async (): Promise<void> => {
      try {
        const detail = await api.request(id);
        if (current) {
          setLoaded({ id, detail, problem: null });
        }
      } catch (thrown) {
        const problem = Problem.of(thrown);
        if (current) {
          setLoaded(last => ({
            id,
            detail: last.id === id ? last.detail : null,
            problem
          }));
        }
      }
    };
    void load();
    return () => {
      current = false;
    };
  }, [api, id, stamp, round]);
  const mine = loaded.id === id;
  return {
    detail: mine ? loaded.detail : null,
    problem: mine ? loaded.problem : null,
    again
  };
}
