/** Leakage: what attacks found out about who was in the training data. */
import * as React from 'react';

import { useServices } from '../context';
import {
  decimal,
  decimals,
  percent,
  points,
  pointsRange,
  tiny
} from './numbers';
import { Dot, Place, Sentences, useCheckWords, useFirst } from './parts';
import { RocFigure } from './picture';
import type {
  IAttribute,
  IGroup,
  ILeakageReport,
  IPerformance,
  ITail
} from './types';

/** So many sentences come before the picture, so that it is seen at once. */
const LEAD = 3;
/** So many groups are shown at first. */
const GROUPS = 8;

export function LeakageEvidence(props: {
  report: ILeakageReport;
  sentences: string[];
}): JSX.Element {
  const { trans } = useServices();
  const words = useCheckWords();
  const { report, sentences } = props;
  const { exposure, groups, attributes, performance, tail } = report;
  return (
    <>
      {sentences.slice(0, LEAD).map((sentence, at) => (
        <p key={at} className={at === 0 ? 'wb-first' : undefined}>
          {sentence}
        </p>
      ))}
      <RocFigure report={report} />
      {sentences.length > LEAD && (
        <Sentences sentences={sentences.slice(LEAD)} />
      )}
      {exposure && exposure.recognised > 0 && (
        <section>
          <h4>{trans.__('Recognised almost for certain')}</h4>
          <p className="wb-wrapped">{words.exposure(exposure)}</p>
        </section>
      )}
      {groups.length > 0 && <Groups groups={groups} />}
      {attributes.length > 0 && <Attributes attributes={attributes} />}
      {performance && <Gap performance={performance} />}
      {tail && <Missing tail={tail} />}
      <p className="wb-quiet">{words.tried(report)}</p>
    </>
  );
}

function Groups(props: { groups: IGroup[] }): JSX.Element {
  const { trans } = useServices();
  const { groups } = props;
  const { shown, more } = useFirst(groups, GROUPS);
  const from = Math.min(0.4, ...groups.map(each => each.interval.low));
  return (
    <section>
      <table className="wb-table wb-groups">
        <caption>
          <strong>{trans.__('Groups most exposed')}</strong>{' '}
          {trans.__(
            'How well members of a group are told from strangers of it: 0.50 is guessing (dashed), 1.00 is always right. Those that are most certainly exposed come first.'
          )}
        </caption>
        <thead>
          <tr>
            <th scope="col">{trans.__('Group')}</th>
            <th scope="col">{trans.__('Members')}</th>
            <th scope="col" colSpan={2}>
              {trans.__('Area under the curve (95 % interval for all groups)')}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(group => (
            <tr key={`${group.of} ${group.name}`}>
              <th scope="row" className="wb-wrapped">
                <span className="wb-quiet">
                  {group.of === 'class' ? trans.__('class') : group.of}
                </span>{' '}
                {group.name}
              </th>
              <td className="wb-number">{group.members}</td>
              <td className="wb-dot-cell">
                <Dot
                  value={group.auc}
                  interval={group.interval}
                  from={from}
                  to={1}
                  chance={0.5}
                />
              </td>
              <td className="wb-number">
                {decimal(group.auc)}{' '}
                <span className="wb-interval">
                  ({decimals(group.interval)})
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </section>
  );
}

function Attributes(props: { attributes: IAttribute[] }): JSX.Element {
  const { trans } = useServices();
  return (
    <section>
      <table className="wb-table">
        <caption>
          <strong>{trans.__('Guessing a column')}</strong>{' '}
          {trans.__(
            'By somebody who knows all else of a record. Differences are in percentage points, with 95 % intervals. What works as well on strangers is knowledge about everybody, not about those in the training data.'
          )}
        </caption>
        <thead>
          <tr>
            <th scope="col">{trans.__('Column')}</th>
            <th scope="col">{trans.__('Right with the model')}</th>
            <th scope="col">{trans.__('without it')}</th>
            <th scope="col">{trans.__('Gained by it')}</th>
            <th scope="col">{trans.__('More than on strangers')}</th>
          </tr>
        </thead>
        <tbody>
          {props.attributes.map(each => (
            <tr key={each.column}>
              <th scope="row">
                <Place text={each.column} />{' '}
                <span className="wb-quiet">
                  {trans._n('%1 choice', '%1 choices', each.choices)}
                </span>
              </th>
              <td>{percent(each.with_model)}</td>
              <td>{percent(each.without_model)}</td>
              <td>
                {points(each.advantage)}{' '}
                <span className="wb-interval">
                  ({pointsRange(each.interval)})
                </span>
              </td>
              <td>
                {points(each.training)}{' '}
                <span className="wb-interval">
                  ({pointsRange(each.training_interval)})
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Gap(props: { performance: IPerformance }): JSX.Element {
  const { trans } = useServices();
  const { metric, members, nonmembers } = props.performance;
  return (
    <section>
      <h4>{trans.__('Better on its own training data')}</h4>
      <p className="wb-wrapped">
        {trans.__(
          '%1 is %2 on records it was trained on and %3 on others: a gap of %4.',
          metric,
          decimal(members),
          decimal(nonmembers),
          decimal(members - nonmembers)
        )}
      </p>
    </section>
  );
}

function Missing({ tail }: { tail: ITail }): JSX.Element {
  const { trans } = useServices();
  return (
    <section>
      <h4>{trans.__('Where the model is most wrong')}</h4>
      <p>
        {trans.__(
          'Of the members, %1 are among the %2 of records that it is most wrong about; of the strangers %3. The chance of so few members there by accident is %4.',
          percent(tail.members),
          percent(tail.share),
          percent(tail.nonmembers),
          tiny(tail.p_value)
        )}
      </p>
    </section>
  );
}
