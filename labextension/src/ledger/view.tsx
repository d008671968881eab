/** The Ledger tab: one sentence about the whole log, then what happened, newest first. */
import { Button, HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CommandIDs } from '../commands';
import { useModel, useServices } from '../context';
import { Empty, Loading, ProblemCard, ToneIcon } from '../parts';
import type { IEvent, ILedgerState } from '../tokens';
import { KINDS, shortRef } from '../words';
import { byDay, verdict } from './entries';
import type { IFilter } from './load';
import { NO_FILTER, useLog } from './load';
import { EntryRow } from './row';

interface IProps {
  filter: IFilter;
  onFilter: (filter: IFilter) => void;
}

export function LedgerView({ filter, onFilter }: IProps): JSX.Element {
  const { trans } = useServices();
  const { entries, page, more, problem, loading, older, again } =
    useLog(filter);
  const model = useModel();
  const ledger = model.status?.ledger ?? page?.verified ?? null;
  React.useEffect(() => {
    // Whoever opens the log wants to know how it stands now; what fails is shown by the model.
    void model.verifyLedger().catch(() => model.refresh());
  }, [model]);
  return (
    <div className="wb-ledger">
      {ledger && (
        <Verdict
          ledger={ledger}
          size={page?.size ?? 0}
          since={page?.since ?? null}
        />
      )}
      {ledger && !ledger.ok && <WhatToDo hint={ledger.hint} />}
      <Filters entries={entries ?? []} filter={filter} onFilter={onFilter} />
      {problem && <ProblemCard problem={problem} retry={again} />}
      {entries === null && !problem && (
        <Loading text={trans.__('Reading the log…')} />
      )}
      {entries?.length === 0 && (
        <NoEntries
          filtered={Object.values(filter).some(Boolean)}
          clear={() => onFilter(NO_FILTER)}
        />
      )}
      {byDay(entries ?? []).map(([day, rows]) => (
        <section key={`${day} ${rows[0].index}`} className="wb-day">
          <h3>{day}</h3>
          <ol className="wb-entries">
            {rows.map(entry => (
              <EntryRow key={entry.index} entry={entry} />
            ))}
          </ol>
        </section>
      ))}
      {more && (
        <Button
          className="jp-mod-styled wb-button wb-more"
          disabled={loading}
          onClick={() => void older()}
          data-wb="load-more"
        >
          {loading ? trans.__('Reading…') : trans.__('Load more')}
        </Button>
      )}
    </div>
  );
}

function Verdict(props: {
  ledger: ILedgerState;
  size: number;
  since: string | null;
}): JSX.Element {
  const { trans, commands } = useServices();
  const { ledger, size, since } = props;
  const [checking, setChecking] = React.useState(false);
  const verify = async (): Promise<void> => {
    setChecking(true);
    try {
      await commands.execute(CommandIDs.verifyLedger);
    } finally {
      setChecking(false);
    }
  };
  const tone = !ledger.ok ? 'bad' : ledger.verified_at ? 'good' : 'plain';
  return (
    <div
      className={`wb-verdict wb-verdict-${tone}`}
      data-wb="ledger-verdict"
      data-ok={ledger.ok}
    >
      <ToneIcon tone={tone} />
      <div role={ledger.ok ? 'status' : 'alert'} className="wb-verdict-words">
        <h2>{verdict(ledger, size, since, trans)}</h2>
      </div>
      <Button
        className="jp-mod-styled wb-button"
        disabled={checking}
        onClick={() => void verify()}
        data-wb="verify"
      >
        {checking ? trans.__('Verifying…') : trans.__('Verify now')}
      </Button>
    </div>
  );
}

function WhatToDo({ hint }: { hint: string | null }): JSX.Element {
  const { trans } = useServices();
  return (
    <div className="wb-problem" data-wb="ledger-what-to-do">
      <ToneIcon tone="ask" />
      <div>
        {hint && <p>{hint}</p>}
        <p>
          {trans.__(
            'Until it is explained, do not share, approve or open anything here. Keep the receipts you saved: they prove what was in the log before. Show this page to whoever runs the exchange.'
          )}
        </p>
      </div>
    </div>
  );
}

function Filters(props: IProps & { entries: IEvent[] }): JSX.Element {
  const { trans, words } = useServices();
  const model = useModel();
  const { entries, filter, onFilter } = props;
  const refs = options(
    [
      ...(model.catalogue ?? []).map(each => each.ref),
      ...entries.map(each => each.release ?? '')
    ].map(ref => [ref, shortRef(ref)]),
    filter.release
  );
  const people = options(
    [...(model.status?.people ?? []), ...entries.map(each => each.actor)].map(
      each => [each.id, each.name]
    ),
    filter.person
  );
  const kinds = options(
    [...KINDS, ...entries.map(each => each.kind)].map(kind => [
      kind,
      words.kind(kind)
    ]),
    filter.kind
  );
  return (
    <div className="wb-filters" role="search">
      <Choice
        name="ledger-release"
        label={trans.__('All releases')}
        value={filter.release}
        options={refs}
        onChange={release => onFilter({ ...filter, release })}
      />
      <Choice
        name="ledger-person"
        label={trans.__('All people')}
        value={filter.person}
        options={people}
        onChange={person => onFilter({ ...filter, person })}
      />
      <Choice
        name="ledger-kind"
        label={trans.__('All kinds')}
        value={filter.kind}
        options={kinds}
        onChange={kind => onFilter({ ...filter, kind })}
      />
    </div>
  );
}

/** Each value once, by name; what is chosen stays even when it is not seen. */
function options(pairs: [string, string][], chosen: string) {
  const all = new Map(pairs.filter(([value]) => value !== ''));
  if (chosen && !all.has(chosen)) {
    all.set(chosen, chosen);
  }
  return [...all].sort(([, one], [, other]) => one.localeCompare(other));
}

function Choice(props: {
  name: string;
  label: string;
  value: string;
  options: [string, string][];
  onChange: (value: string) => void;
}): JSX.Element {
  return (
    <HTMLSelect
      aria-label={props.label}
      value={props.value}
      onChange={event => props.onChange(event.target.value)}
      data-wb={props.name}
    >
      <option value="">{props.label}</option>
      {props.options.map(([value, label]) => (
        <option key={value} value={value} title={value}>
          {label}
        </option>
      ))}
    </HTMLSelect>
  );
}

function NoEntries(props: {
  filtered: boolean;
  clear: () => void;
}): JSX.Element {
  const { trans } = useServices();
  return props.filtered ? (
    <Empty text={trans.__('Nothing in the log matches.')}>
      <Button
        className="jp-mod-styled wb-button"
        onClick={props.clear}
        data-wb="clear-filters"
      >
        {trans.__('Show everything')}
      </Button>
    </Empty>
  ) : (
    <Empty
      text={trans.__(
        'Nothing happened yet. Publishing, asking and deciding are written here, each with its reason.'
      )}
    />
  );
}
