/** Requests that wait for this person's decision. */
import * as React from 'react';

import { useModel, useNow, useServices } from '../context';
import { Empty, Line } from '../parts';
import { ago } from '../time';
import type { IRequest } from '../tokens';
import { shortRef } from '../words';

export function ToReview(): JSX.Element {
  const { trans } = useServices();
  const review = useModel().review ?? [];
  if (review.length === 0) {
    return (
      <Empty
        text={trans.__(
          'Nothing to review. Requests for releases you are a reviewer of appear here.'
        )}
      />
    );
  }
  return (
    <ul className="wb-list">
      {review.map(request => (
        <ReviewRow key={request.id} request={request} />
      ))}
    </ul>
  );
}

function ReviewRow({ request }: { request: IRequest }): JSX.Element {
  const { words, trans, commands } = useServices();
  const now = useNow();
  const detail = [
    request.person.name,
    words.right(request.right).label,
    words.days(request.days)
  ].join(' · ');
  return (
    <li data-request={request.id}>
      <button
        type="button"
        className="wb-row wb-row-button"
        onClick={() =>
          void commands.execute('workbench:open-review', { id: request.id })
        }
      >
        <span className="wb-row-top">
          <Line className="wb-name" text={shortRef(request.ref)} />
          <span className="wb-time">{ago(request.updated, now, trans)}</span>
        </span>
        <Line className="wb-quiet" text={detail} />
      </button>
    </li>
  );
}
