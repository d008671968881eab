/** One release of the catalogue: a line, and all of it when folded out. */
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useModel, useServices } from '../context';
import { Badge, Line, Rows } from '../parts';
import { day } from '../time';
import type { IRelease } from '../tokens';
import type { Words } from '../words';
import { orgOf } from '../words';
import { LineageButton, Parents } from './lineage';
import { ReleaseName } from './name';
import { TraceButton } from './trace';

export function ReleaseRow({ release }: { release: IRelease }): JSX.Element {
  const { trans, words, commands } = useServices();
  const [open, setOpen] = React.useState(false);
  const id = React.useId();
  const facts = [orgOf(release.ref), release.task].filter(Boolean).join(' · ');
  return (
    <li className="wb-row" data-ref={release.ref}>
      <span className="wb-row-top">
        <ReleaseName
          release={release.ref}
          rest={id}
          open={open}
          onToggle={() => setOpen(!open)}
        />
        <AskButton release={release} />
      </span>
      <span className="wb-row-mid">
        <Line className="wb-quiet" text={facts} />
        <Badge word={words.sensitivity(release.sensitivity)} />
        {release.state !== 'published' && (
          <Badge word={words.release(release.state)} />
        )}
      </span>
      <Parents parents={release.parents} />
      {open && (
        <div id={id} className="wb-release-more">
          <p className="wb-release-title">{release.title}</p>
          {release.summary && <p>{release.summary}</p>}
          <Rows rows={about(release, words)} />
          <span className="wb-actions">
            <LineageButton release={release.ref} />
            <TraceButton release={release} />
            <Button
              small
              className="jp-mod-styled wb-button"
              onClick={() =>
                void commands.execute('workbench:open-ledger', {
                  release: release.ref
                })
              }
            >
              {trans.__('What happened with it')}
            </Button>
          </span>
        </div>
      )}
    </li>
  );
}

function AskButton({ release }: { release: IRelease }): JSX.Element | null {
  const { trans, commands } = useServices();
  const model = useModel();
  const { ref } = release;
  if (release.mine) {
    return <span className="wb-quiet">{trans.__('yours')}</span>;
  }
  const closed = release.state === 'retired' || release.state === 'withdrawn';
  if (closed) {
    return null;
  }
  const has = (model.requests ?? []).some(
    each => each.ref === ref && each.grant?.state === 'active'
  );
  return (
    <Button
      small
      className="jp-mod-styled wb-button"
      title={
        has
          ? trans.__('You have access already; ask for another right.')
          : trans.__('Ask to use %1', ref)
      }
      onClick={() => void commands.execute('workbench:request', { ref })}
      data-wb="request"
    >
      {trans.__('Request')}
    </Button>
  );
}

function about(release: IRelease, words: Words): [string, string][] {
  const t = words.trans;
  const { facts } = release;
  const rows: [string, string][] = [
    [t.__('Published by'), release.owner.name],
    [t.__('Published'), day(release.published)],
    [
      t.__('May be used to'),
      release.rights.map(right => words.right(right).label).join(', ')
    ],
    [t.__('Licence'), release.license],
    [t.__('Terms'), release.terms.title],
    [t.__('Unsafe content'), words.verdict(facts.scan).label],
    [t.__('Leakage'), words.leakage(facts.leakage).label],
    [t.__('Rows kept inside'), words.verdict(facts.retained_rows).label]
  ];
  if (release.regions.length > 0) {
    rows.push([t.__('Data from'), release.regions.join(', ')]);
  }
  if (release.attribution) {
    rows.push([t.__('Please cite'), release.attribution]);
  }
  return rows;
}
