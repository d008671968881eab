/** The picture of all attacks as a table. */
import * as React from 'react';

import { useServices } from '../context';
import { decimal, decimals, percent, percents } from './numbers';
import { useCheckWords } from './parts';
import type { IAttack, ILeakageReport, IRate } from './types';

export function RocTable({ report }: { report: ILeakageReport }): JSX.Element {
  const { trans } = useServices();
  const { attacks, strongest } = report;
  const rates = attacks[0]?.rates ?? [];
  return (
    <table className="wb-table">
      <caption>
        {trans.__(
          'Members recognised at a rate of false alarms, with 95 % intervals'
        )}
      </caption>
      <thead>
        <tr>
          <th scope="col">{trans.__('Attack')}</th>
          <th
            scope="col"
            title={trans.__(
              'The chance that a member looks more like a member than a stranger does; 0.50 is chance.'
            )}
          >
            {trans.__('Area under the curve')}
          </th>
          {rates.map(rate => (
            <th key={rate.at} scope="col">
              {trans.__('at %1', percent(rate.at))}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {attacks.map(attack => (
          <AttackRow key={attack.method} attack={attack} />
        ))}
        {strongest && attacks.length > 1 && (
          <tr className="wb-table-sum">
            <th scope="row">
              {trans.__('The best, allowing for several having been tried')}
            </th>
            <td>
              {decimal(strongest.auc)}{' '}
              <span className="wb-interval">
                ({decimals(strongest.interval)})
              </span>
            </td>
            {rates.map(rate => (
              <td key={rate.at}>
                {rate.at === strongest.rate.at && (
                  <RateCell rate={strongest.rate} />
                )}
              </td>
            ))}
          </tr>
        )}
      </tbody>
    </table>
  );
}

function AttackRow({ attack }: { attack: IAttack }): JSX.Element {
  const { label, explain } = useCheckWords().method(attack.method);
  return (
    <tr>
      <th scope="row" title={explain}>
        {label}
      </th>
      <td>
        {decimal(attack.auc)}{' '}
        <span className="wb-interval">({decimals(attack.interval)})</span>
      </td>
      {attack.rates.map(rate => (
        <td key={rate.at}>
          <RateCell rate={rate} />
        </td>
      ))}
    </tr>
  );
}

function RateCell({ rate }: { rate: IRate }): JSX.Element {
  const { trans } = useServices();
  if (rate.value === null || rate.interval === null) {
    return <span className="wb-quiet">{trans.__('too few strangers')}</span>;
  }
  return (
    <>
      {percent(rate.value)}{' '}
      <span className="wb-interval">({percents(rate.interval)})</span>
    </>
  );
}
