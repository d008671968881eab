/** Who is acting; in the workshop, the choice of whom to play. */
import { HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useServices } from '../context';
import { Line } from '../parts';
import type { IPerson, IStatus } from '../tokens';
import type { Words } from '../words';

export function Identity({ status }: { status: IStatus }): JSX.Element | null {
  const { words } = useServices();
  if (status.mode === 'workshop') {
    return <Playing status={status} />;
  }
  if (status.person === null) {
    return null;
  }
  return (
    <div className="wb-identity" data-wb="identity-name">
      <Line text={described(status.person, words)} />
    </div>
  );
}

function Playing({ status }: { status: IStatus }): JSX.Element {
  const { trans, words, commands } = useServices();
  const id = React.useId();
  return (
    <div className="wb-identity wb-workshop">
      <label
        htmlFor={id}
        title={trans.__(
          'A workshop runs on one machine: you act for each person in turn, with their own keys.'
        )}
      >
        {trans.__('Workshop: you play')}
      </label>
      <HTMLSelect
        id={id}
        data-wb="identity"
        value={status.person?.id ?? ''}
        onChange={event =>
          void commands.execute('workbench:play-as', {
            person: event.target.value
          })
        }
      >
        {status.person === null && (
          <option value="" disabled>
            {trans.__('choose…')}
          </option>
        )}
        {status.people.map(person => (
          <option key={person.id} value={person.id}>
            {described(person, words)}
          </option>
        ))}
      </HTMLSelect>
    </div>
  );
}

function described(person: IPerson, words: Words): string {
  const roles = person.roles.map(role => words.role(role)).join(', ');
  return roles ? `${person.name} · ${roles}` : person.name;
}
