/** Everything that is shared on this exchange: search, filter, ask. */
import {
  Button,
  filterIcon,
  HTMLSelect,
  InputGroup,
  searchIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';

import { useModel, useServices } from '../context';
import { Empty, IconButton } from '../parts';
import { RIGHTS, SENSITIVITIES } from '../words';
import type { IChoice } from './choose';
import { choose, NO_CHOICE } from './choose';
import { ReleaseRow } from './release';

export function Catalogue(): JSX.Element {
  const { trans } = useServices();
  const all = useModel().catalogue ?? [];
  const [choice, setChoice] = React.useState<IChoice>(NO_CHOICE);
  if (all.length === 0) {
    return (
      <Empty
        text={trans.__(
          'Nothing is shared here yet. Open a notebook with a model and press Share in its toolbar.'
        )}
      />
    );
  }
  const found = choose(all, choice);
  return (
    <>
      <Search choice={choice} onChange={setChoice} />
      {found.length === 0 ? (
        <Empty text={trans.__('No release matches.')}>
          <Button
            small
            className="jp-mod-styled wb-button"
            onClick={() => setChoice(NO_CHOICE)}
          >
            {trans.__('Show all %1', String(all.length))}
          </Button>
        </Empty>
      ) : (
        <ul className="wb-list">
          {found.map(release => (
            <ReleaseRow key={release.ref} release={release} />
          ))}
        </ul>
      )}
    </>
  );
}

interface ISearchProps {
  choice: IChoice;
  onChange: (choice: IChoice) => void;
}

function Search({ choice, onChange }: ISearchProps): JSX.Element {
  const { trans } = useServices();
  const [filters, setFilters] = React.useState(false);
  return (
    <div className="wb-search" role="search">
      <div className="wb-search-line">
        <InputGroup
          type="search"
          rightIcon={searchIcon}
          placeholder={trans.__('Search releases')}
          aria-label={trans.__('Search releases')}
          value={choice.text}
          onChange={event => onChange({ ...choice, text: event.target.value })}
          data-wb="search"
        />
        <IconButton
          icon={filterIcon}
          label={trans.__('Filter')}
          pressed={filters}
          onClick={() => setFilters(!filters)}
          name="filter"
        />
      </div>
      {filters && <Filters choice={choice} onChange={onChange} />}
    </div>
  );
}

function Filters({ choice, onChange }: ISearchProps): JSX.Element {
  const { trans, words } = useServices();
  return (
    <div className="wb-filters">
      <HTMLSelect
        aria-label={trans.__('Sensitivity')}
        value={choice.sensitivity}
        onChange={event =>
          onChange({ ...choice, sensitivity: event.target.value })
        }
        data-wb="filter-sensitivity"
      >
        <option value="">{trans.__('any sensitivity')}</option>
        {SENSITIVITIES.map(level => (
          <option key={level} value={level}>
            {words.sensitivity(level).label}
          </option>
        ))}
      </HTMLSelect>
      <HTMLSelect
        aria-label={trans.__('What it may be used to')}
        value={choice.right}
        onChange={event => onChange({ ...choice, right: event.target.value })}
        data-wb="filter-right"
      >
        <option value="">{trans.__('any right')}</option>
        {RIGHTS.map(right => (
          <option key={right} value={right}>
            {words.right(right).label}
          </option>
        ))}
      </HTMLSelect>
    </div>
  );
}
