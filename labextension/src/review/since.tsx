/** What changed in a release since the version before it, as a diff people can read. */
import * as React from 'react';

import { useModel, useServices } from '../context';
import { useAnswer } from '../loading';
import { Empty, Fold, Loading, ProblemCard, Rows } from '../parts';
import { moment } from '../time';
import type {
  IChanged,
  IChangeSection,
  IReleaseChanges,
  ISince
} from '../tokens';
import { shortRef } from '../words';
import { kindWord, lineOf, SIGN, tally } from './diff';

export function SinceLastVersion({
  release
}: {
  release: string;
}): JSX.Element {
  const { trans } = useServices();
  const { api } = useModel();
  const ask = React.useCallback(() => api.changes(release), [api, release]);
  const { answer, problem, again } = useAnswer<IReleaseChanges>(ask);
  if (problem) {
    return <ProblemCard problem={problem} retry={again} />;
  }
  if (answer === null) {
    return <Loading text={trans.__('Comparing with the version before…')} />;
  }
  if (answer.since === null) {
    return (
      <Empty text={answer.why ?? trans.__('This is the first version.')} />
    );
  }
  return <Changes answer={answer} since={answer.since} />;
}

function Changes(props: {
  answer: IReleaseChanges;
  since: ISince;
}): JSX.Element {
  const { trans } = useServices();
  const { sections, proof } = props.answer;
  const { ref, published } = props.since;
  return (
    <div className="wb-since" data-wb="since">
      <p>
        {trans.__(
          'Compared with %1, published %2.',
          shortRef(ref),
          moment(published)
        )}
      </p>
      {sections.map(section => (
        <Section key={section.title} section={section} />
      ))}
      <Fold title={trans.__('Technical details')}>
        <Rows rows={proof} />
      </Fold>
    </div>
  );
}

function Section({ section }: { section: IChangeSection }): JSX.Element {
  const { trans } = useServices();
  const { title, same, left_out, changes } = section;
  return (
    <section className="wb-change-section">
      <h4>
        {title}{' '}
        <span className="wb-quiet">
          {changes.length === 0
            ? same > 0
              ? trans._n('%1 as before', '%1 as before', same)
              : trans.__('nothing recorded in either')
            : tally(changes, same, trans)}
        </span>
      </h4>
      {changes.map((change, index) => (
        <Change key={index} change={change} />
      ))}
      {left_out > 0 && (
        <p className="wb-quiet">
          {trans._n(
            '%1 more change is not shown.',
            '%1 more changes are not shown.',
            left_out
          )}
        </p>
      )}
    </section>
  );
}

function Change({ change }: { change: IChanged }): JSX.Element {
  const { trans } = useServices();
  const { name, kind, before, after, lines } = change;
  return (
    <div className="wb-change" data-kind={kind}>
      <p className="wb-change-name">
        <Sign kind={kind} />
        <strong>{name}</strong>{' '}
        <span className="wb-quiet">
          {[
            kindWord(kind, trans),
            lines.length > 0 && [before, after].filter(Boolean).join(' → ')
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </p>
      {lines.length === 0 && before !== '' && (
        <Side kind="removed" text={before} />
      )}
      {lines.length === 0 && after !== '' && <Side kind="added" text={after} />}
      {lines.length > 0 && <Code lines={lines} />}
    </div>
  );
}

function Sign(props: { kind: keyof typeof SIGN }): JSX.Element {
  return (
    <span className={`wb-sign wb-sign-${props.kind}`} aria-hidden="true">
      {SIGN[props.kind]}
    </span>
  );
}

function Side(props: { kind: 'added' | 'removed'; text: string }): JSX.Element {
  const { trans } = useServices();
  const { kind, text } = props;
  return (
    <p className={`wb-side wb-line-${kind}`}>
      <Sign kind={kind} />
      <span className="wb-hidden">{kindWord(kind, trans)}: </span>
      <span>{text}</span>
    </p>
  );
}

function Code({ lines }: { lines: string[] }): JSX.Element {
  const { trans } = useServices();
  return (
    <pre className="wb-diff">
      {lines.map(lineOf).map(({ kind, text }, index) => (
        <span key={index} className={`wb-diff-line wb-line-${kind}`}>
          <Sign kind={kind} />
          {(kind === 'added' || kind === 'removed') && (
            <span className="wb-hidden">{kindWord(kind, trans)}: </span>
          )}
          <span>{text || ' '}</span>
        </span>
      ))}
    </pre>
  );
}
