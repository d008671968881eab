/** What this person asked for, how it stands, and the next step for each. */
import { Button, caretDownIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useModel, useNow, useServices } from '../context';
import { Badge, Empty, Line } from '../parts';
import { ago, day, until } from '../time';
import type { IRequest } from '../tokens';
import { shortRef } from '../words';
import { openUseMenu } from './usemenu';

export function MyRequests(): JSX.Element {
  const { trans } = useServices();
  const requests = useModel().requests ?? [];
  if (requests.length === 0) {
    return (
      <Empty
        text={trans.__(
          'You asked for nothing yet. Choose a release in the catalogue below and press Request.'
        )}
      />
    );
  }
  return (
    <ul className="wb-list">
      {requests.map(request => (
        <RequestRow key={request.id} request={request} />
      ))}
    </ul>
  );
}

function RequestRow({ request }: { request: IRequest }): JSX.Element {
  const { words, commands } = useServices();
  return (
    <li className="wb-row" data-request={request.id} data-state={request.state}>
      <span className="wb-row-top">
        <button
          type="button"
          className="wb-link wb-name"
          title={request.ref}
          onClick={() =>
            void commands.execute('workbench:open-review', { id: request.id })
          }
        >
          {shortRef(request.ref)}
        </button>
        <Badge word={words.request(request.state)} />
      </span>
      <Standing request={request} />
      {request.grant?.marked && <Told />}
      {request.reason && (
        <Line className="wb-reason" text={`“${request.reason}”`} />
      )}
      <Actions request={request} />
    </li>
  );
}

/** Nobody gets a marked copy without being told. */
function Told(): JSX.Element {
  const { trans } = useServices();
  return (
    <span className="wb-quiet" data-wb="marked">
      {trans.__('Your copy carries a mark that names this grant.')}
    </span>
  );
}

function Standing({ request }: { request: IRequest }): JSX.Element {
  const { words, trans } = useServices();
  const { status } = useModel();
  const now = useNow();
  const { votes, grant } = request;
  const parts = [words.right(request.right).label];
  if (grant?.state === 'active') {
    parts.push(until(grant.not_after, now, trans));
  } else {
    parts.push(words.days(request.days));
    parts.push(
      request.owner === 'nobody'
        ? ago(request.updated, now, trans)
        : words.turn(request, status?.person ?? null)
    );
  }
  if (votes.needed > 1 && request.state === 'in_review') {
    parts.push(
      trans.__('%1 of %2 in', String(votes.given), String(votes.needed))
    );
  }
  return (
    <span
      className="wb-line wb-quiet"
      title={grant ? trans.__('Until %1', day(grant.not_after)) : undefined}
    >
      {parts.join(' · ')}
    </span>
  );
}

function Actions({ request }: { request: IRequest }): JSX.Element | null {
  const { trans, commands } = useServices();
  const { id, ref, verbs } = request;
  const again = ['rejected', 'revoked', 'withdrawn'].includes(request.state);
  const buttons: JSX.Element[] = [];
  const add = (name: string, label: string, command: string, main = false) =>
    buttons.push(
      <Button
        key={name}
        small
        className={`jp-mod-styled wb-button ${main ? 'jp-mod-accept' : ''}`}
        onClick={() => void commands.execute(command, { id, ref })}
        data-wb={name}
      >
        {label}
      </Button>
    );
  if (request.grant?.state === 'active') {
    buttons.push(<UseButton key="use" request={request} />);
  } else if (verbs.includes('renew')) {
    add('renew', trans.__('Renew…'), 'workbench:renew-request');
  }
  if (verbs.includes('resubmit')) {
    add('resubmit', trans.__('Answer…'), 'workbench:resubmit-request', true);
  }
  if (again && !verbs.includes('renew')) {
    add('ask-again', trans.__('Ask again…'), 'workbench:ask-again');
  }
  if (verbs.includes('withdraw')) {
    add('take-back', trans.__('Take back'), 'workbench:withdraw-request');
  }
  return buttons.length > 0 ? (
    <span className="wb-actions">{buttons}</span>
  ) : null;
}

function UseButton({ request }: { request: IRequest }): JSX.Element {
  const { trans, commands } = useServices();
  return (
    <Button
      small
      className="jp-mod-styled jp-mod-accept wb-button"
      aria-haspopup="menu"
      data-wb="use"
      onClick={event =>
        openUseMenu(event.currentTarget, request, commands, trans)
      }
    >
      {trans.__('Use')}
      <caretDownIcon.react tag="span" width="14px" height="14px" />
    </Button>
  );
}
