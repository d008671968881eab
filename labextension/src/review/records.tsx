/** Terms, History and Technical details: what is on record. */
import * as React from 'react';

import { useServices } from '../context';
import { Empty, Rows } from '../parts';
import { TermsText } from '../request/fields';
import { moment } from '../time';
import type { IRequestDetail } from '../tokens';

interface IProps {
  detail: IRequestDetail;
}

export function TermsTab({ detail }: IProps): JSX.Element {
  const { terms } = detail.release;
  return (
    <>
      <h3>{terms.title}</h3>
      <TermsText text={terms.text} />
    </>
  );
}

export function HistoryTab({ detail }: IProps): JSX.Element {
  const { trans } = useServices();
  if (detail.history.length === 0) {
    return (
      <Empty
        text={trans.__(
          'Nothing happened yet. Each step of this request is listed here.'
        )}
      />
    );
  }
  return (
    <ol className="wb-timeline">
      {detail.history.map(event => (
        <li key={event.index}>
          <time className="wb-time" dateTime={event.at}>
            {moment(event.at)}
          </time>
          <span>{event.sentence}</span>
          {event.reason && !event.sentence.includes(event.reason) && (
            <q className="wb-quiet">{event.reason}</q>
          )}
        </li>
      ))}
    </ol>
  );
}

export function TechnicalTab({ detail }: IProps): JSX.Element {
  const { trans } = useServices();
  const rows: [string, string][] = [
    [trans.__('Request'), detail.id],
    [trans.__('Turn'), String(detail.turn)],
    [trans.__('Deciding policies'), detail.decision.policies.join(', ') || '–']
  ];
  const given = new Set(detail.technical.map(([name]) => name));
  return (
    <Rows
      rows={[...rows.filter(([name]) => !given.has(name)), ...detail.technical]}
    />
  );
}
