/** One entry of the log: a sentence, and who, what, when, why when folded out. */
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CommandIDs } from '../commands';
import { useServices } from '../context';
import { Caret, Fold, Line, Rows } from '../parts';
import { clock, moment } from '../time';
import type { IEvent } from '../tokens';
import type { Words } from '../words';
import { HowToCheck } from './howto';

export function EntryRow({ entry }: { entry: IEvent }): JSX.Element {
  const [open, setOpen] = React.useState(false);
  const id = React.useId();
  return (
    <li className="wb-entry" data-index={entry.index} data-kind={entry.kind}>
      <button
        type="button"
        className="wb-entry-line"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <Caret open={open} />
        <time className="wb-time" dateTime={entry.at} title={moment(entry.at)}>
          {clock(entry.at)}
        </time>
        {open ? (
          <span className="wb-wrapped">{entry.sentence}</span>
        ) : (
          <Line text={entry.sentence} />
        )}
      </button>
      {open && (
        <div id={id} className="wb-entry-more">
          <Details entry={entry} />
        </div>
      )}
    </li>
  );
}

function Details({ entry }: { entry: IEvent }): JSX.Element {
  const { trans, words, commands } = useServices();
  const technical = Object.entries(entry.details).map(
    ([name, value]): [string, string] => [name, plain(value)]
  );
  return (
    <>
      <Rows rows={facts(entry, words)} />
      <div className="wb-receipt">
        <Button
          small
          className="jp-mod-styled wb-button"
          title={commands.caption(CommandIDs.saveReceipt)}
          onClick={() =>
            void commands.execute(CommandIDs.saveReceipt, {
              index: entry.index
            })
          }
          data-wb="receipt"
        >
          {commands.label(CommandIDs.saveReceipt)}
        </Button>
        <span className="wb-quiet">
          {trans.__('A small file that proves this entry is in the log.')}
        </span>
      </div>
      <HowToCheck index={entry.index} />
      <Fold title={trans.__('Technical details')}>
        <Rows
          rows={[
            [trans.__('Entry'), String(entry.index)],
            [trans.__('Kind'), entry.kind],
            [trans.__('Concerns'), entry.subject ?? '–'],
            ...technical
          ]}
        />
      </Fold>
    </>
  );
}

function facts(entry: IEvent, words: Words): [string, string][] {
  const { trans } = words;
  const rows: [string, string | null][] = [
    [trans.__('Who'), entry.actor.name],
    [trans.__('What'), words.kind(entry.kind)],
    [trans.__('When'), moment(entry.at)],
    [trans.__('Release'), entry.release],
    [trans.__('Policy'), entry.policies.join(', ')],
    [trans.__('Rationale'), entry.reason]
  ];
  return rows.filter((row): row is [string, string] => Boolean(row[1]));
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
