/** Summary: the purpose, what would become possible, and what is known of the release. */
import * as React from 'react';

import { useServices } from '../context';
import { Badge, ToneIcon } from '../parts';
import type { IRequestDetail, IVote } from '../tokens';
import type { IWord } from '../words';

export function SummaryTab({
  detail
}: {
  detail: IRequestDetail;
}): JSX.Element {
  const { trans, words } = useServices();
  const { person, purpose, right } = detail;
  const { label, gets, lacks } = words.right(right);
  const where = [person.roles.map(each => words.role(each)).join(', ')];
  if (person.region) {
    where.push(trans.__('region %1', person.region));
  }
  return (
    <div className="wb-summary">
      <section>
        <h3>{trans.__('Who and what for')}</h3>
        <p>
          <strong>{person.name}</strong>{' '}
          <span className="wb-quiet">{where.filter(Boolean).join(' · ')}</span>
        </p>
        <blockquote className="wb-purpose">
          <span className="wb-purpose-kind">
            {words.purpose(purpose.category).label}
          </span>
          <p>{purpose.text}</p>
        </blockquote>
      </section>
      <section>
        <h3>{trans.__('What it gives')}</h3>
        <p>
          <strong>{label}</strong> {trans.__('for')} {words.days(detail.days)}
        </p>
        <p>{gets}</p>
        <p className="wb-quiet">{lacks}</p>
        <Votes detail={detail} />
      </section>
      <Facts detail={detail} />
    </div>
  );
}

function Facts({ detail }: { detail: IRequestDetail }): JSX.Element {
  const { trans, words } = useServices();
  const { release } = detail;
  const { facts } = release;
  const isolation: IWord =
    facts.isolation === 'sandbox'
      ? {
          label: trans.__('sandbox'),
          tone: 'good',
          explain: trans.__('Hosted runs happen in a closed sandbox.')
        }
      : {
          label: trans.__('none'),
          tone: 'plain',
          explain: trans.__('Hosted runs are not closed off.')
        };
  const rows: [string, IWord][] = [
    [trans.__('Sensitivity'), words.sensitivity(release.sensitivity)],
    [trans.__('State'), words.release(release.state)],
    [trans.__('Unsafe content'), words.verdict(facts.scan)],
    [trans.__('Leakage'), words.leakage(facts.leakage)],
    [trans.__('Rows kept inside'), words.verdict(facts.retained_rows)],
    [trans.__('Isolation'), isolation]
  ];
  return (
    <section>
      <h3>{trans.__('About the release')}</h3>
      <p title={release.ref}>
        {release.title}{' '}
        <span className="wb-quiet">
          {trans.__('by %1', release.owner.name)}
        </span>
      </p>
      <dl className="wb-facts">
        {rows.map(([name, word]) => (
          <div key={name} className="wb-fact">
            <dt>{name}</dt>
            <dd>
              <Badge word={word} />
            </dd>
          </div>
        ))}
        {release.regions.length > 0 && (
          <div className="wb-fact">
            <dt>{trans.__('Data from')}</dt>
            <dd>{release.regions.join(', ')}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

/** Votes that may be seen; with a quorum, the others stay hidden until all are in. */
function Votes({ detail }: { detail: IRequestDetail }): JSX.Element | null {
  const { trans, words } = useServices();
  const { given, needed, visible } = detail.votes;
  if (needed <= 1 && visible.length === 0) {
    return null;
  }
  return (
    <div className="wb-votes" data-wb="votes">
      {needed > 1 && (
        <p>
          {given < needed
            ? trans.__(
                '%1 of %2 in, shown when all are in.',
                String(given),
                String(needed)
              )
            : trans.__('%1 of %2 in.', String(given), String(needed))}
        </p>
      )}
      <ul className="wb-list">
        {visible.map(each => (
          <VoteRow key={`${each.reviewer.id} ${each.at}`} vote={each} />
        ))}
      </ul>
    </div>
  );

  function VoteRow({ vote }: { vote: IVote }): JSX.Element {
    return (
      <li>
        <ToneIcon
          tone={
            vote.vote === 'approve'
              ? 'good'
              : vote.vote === 'reject'
                ? 'bad'
                : 'ask'
          }
        />{' '}
        {vote.reviewer.name} {words.vote(vote.vote).done}: “{vote.rationale}”
      </li>
    );
  }
}
