/** What this person published: who holds it, and ending it. */
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useModel, useNow, useServices } from '../context';
import { Badge, Empty, Line } from '../parts';
import { until } from '../time';
import type { IGrant, IRelease } from '../tokens';
import { orgOf } from '../words';
import { LineageButton, Parents } from './lineage';
import { ReleaseName } from './name';
import { TraceButton } from './trace';

export function MyReleases(): JSX.Element {
  const { trans } = useServices();
  const mine = (useModel().catalogue ?? []).filter(each => each.mine);
  if (mine.length === 0) {
    return (
      <Empty
        text={trans.__(
          'You published nothing yet. Open a notebook with a model and press Share in its toolbar.'
        )}
      />
    );
  }
  return (
    <ul className="wb-list">
      {mine.map(release => (
        <MineRow key={release.ref} release={release} />
      ))}
    </ul>
  );
}

function MineRow({ release }: { release: IRelease }): JSX.Element {
  const { trans, words } = useServices();
  const [open, setOpen] = React.useState(false);
  const id = React.useId();
  const active = release.holders.filter(each => each.state === 'active');
  return (
    <li className="wb-row" data-ref={release.ref}>
      <span className="wb-row-top">
        <ReleaseName
          release={release.ref}
          rest={id}
          open={open}
          onToggle={() => setOpen(!open)}
        />
        <Badge word={words.release(release.state)} />
      </span>
      <Line
        className="wb-quiet"
        text={[
          orgOf(release.ref),
          active.length === 0
            ? trans.__('nobody has access')
            : trans._n(
                '%1 person has access',
                '%1 people have access',
                active.length
              )
        ]
          .filter(Boolean)
          .join(' · ')}
      />
      <Parents parents={release.parents} />
      {open && (
        <div id={id} className="wb-release-more">
          <Holders holders={release.holders} />
        </div>
      )}
      <Verbs release={release} />
    </li>
  );
}

function Holders({ holders }: { holders: IGrant[] }): JSX.Element {
  const { trans } = useServices();
  if (holders.length === 0) {
    return (
      <p className="wb-quiet">
        {trans.__(
          'Nobody was given access yet. Approved requests appear here.'
        )}
      </p>
    );
  }
  return (
    <ul className="wb-holders" data-wb="holders">
      {holders.map(grant => (
        <Holder key={grant.id} grant={grant} />
      ))}
    </ul>
  );
}

function Holder({ grant }: { grant: IGrant }): JSX.Element {
  const { trans, words, commands } = useServices();
  const now = useNow();
  const parts = [words.right(grant.right).label];
  if (grant.state === 'active') {
    parts.push(until(grant.not_after, now, trans));
  }
  return (
    <li data-grant={grant.id}>
      <span className="wb-row-top">
        <Line text={grant.person.name} />
        <Badge word={words.grant(grant.state)} />
      </span>
      <span className="wb-row-top">
        <Line className="wb-quiet" text={parts.join(' · ')} />
        {grant.revocable && (
          <Button
            small
            className="jp-mod-styled wb-button"
            onClick={() =>
              void commands.execute('workbench:revoke', {
                grant: grant.id,
                ref: grant.release,
                person: grant.person.name
              })
            }
            data-wb="revoke"
          >
            {trans.__('Revoke…')}
          </Button>
        )}
      </span>
      {grant.marked && (
        <Line className="wb-quiet" text={trans.__('marked copy')} />
      )}
    </li>
  );
}

function Verbs({ release }: { release: IRelease }): JSX.Element {
  const { words, commands } = useServices();
  return (
    <span className="wb-actions">
      <LineageButton release={release.ref} />
      <TraceButton release={release} />
      {release.verbs.map(verb => (
        <Button
          key={verb}
          small
          className="jp-mod-styled wb-button"
          title={words.verb(verb, release.ref).warning}
          onClick={() =>
            void commands.execute(`workbench:${verb}`, { ref: release.ref })
          }
          data-wb={verb}
        >
          {words.verb(verb, release.ref).label}
        </Button>
      ))}
    </span>
  );
}
