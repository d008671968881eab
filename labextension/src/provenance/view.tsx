/** The lineage of one release: what it was derived from, the graph, files to keep. */
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ExportFormat } from '../api';
import { CommandIDs } from '../commands';
import { useModel, useServices } from '../context';
import { graphOf } from '../graph/types';
import { useAnswer } from '../loading';
import { Badge, Empty, Fold, Loading, ProblemCard, ToneIcon } from '../parts';
import { CheckList } from '../review/checks';
import type { ICheck, IDescendant, IParent, IProvenance } from '../tokens';
import { shortRef } from '../words';
import { Lineage } from './graph';
import { ReleaseLink } from './link';

const FORMATS: ExportFormat[] = ['prov', 'crate', 'bom', 'slsa'];

/** In a tab of its own, or inside Review, where it offers that tab. */
export function ProvenanceView(props: {
  release: string;
  inside?: boolean;
}): JSX.Element {
  const { release, inside = false } = props;
  const { trans } = useServices();
  const model = useModel();
  const { api } = model;
  const person = model.status?.person?.id;
  // Who looks decides what may be seen.
  const ask = React.useCallback(
    () => (person === undefined ? NEVER : api.provenance(release)),
    [api, person, release]
  );
  const { answer, problem, again } = useAnswer<IProvenance>(ask);
  if (model.status?.person === null) {
    return (
      <Empty text={trans.__('First say who you are, in the Sharing panel.')} />
    );
  }
  if (problem) {
    return <ProblemCard problem={problem} retry={again} />;
  }
  if (answer === null) {
    return <Loading text={trans.__('Reading the lineage…')} />;
  }
  return (
    <div className="wb-provenance" data-wb="provenance" data-ref={answer.ref}>
      <Head answer={answer} inside={inside} />
      <Relatives answer={answer} />
      {answer.checks.length > 0 && <Checks checks={answer.checks} />}
      <Picture answer={answer} />
    </div>
  );
}

/** Until it is known who looks, nothing is asked. */
const NEVER = new Promise<never>(() => undefined);

function Head(props: { answer: IProvenance; inside: boolean }): JSX.Element {
  const { trans, commands } = useServices();
  const { answer, inside } = props;
  const { ref } = answer;
  return (
    <div className="wb-provenance-head">
      {inside ? (
        <Button
          small
          className="jp-mod-styled wb-button"
          onClick={() =>
            void commands.execute(CommandIDs.openProvenance, { ref })
          }
          data-wb="open-provenance"
        >
          {trans.__('Open in its own tab')}
        </Button>
      ) : (
        <h2 title={ref}>
          {trans.__('Lineage of %1', shortRef(ref))}{' '}
          <span className="wb-quiet wb-provenance-title">{answer.title}</span>
        </h2>
      )}
      {answer.available && (
        <div
          className="wb-provenance-save"
          role="group"
          aria-label={trans.__('Save as')}
        >
          <span className="wb-quiet">{trans.__('Save as')}</span>
          {FORMATS.map(format => (
            <Button
              key={format}
              small
              className="jp-mod-styled wb-button"
              title={commands.caption(CommandIDs.exportProvenance, {
                ref,
                format
              })}
              onClick={() =>
                void commands.execute(CommandIDs.exportProvenance, {
                  ref,
                  format
                })
              }
              data-wb={`export-${format}`}
            >
              {commands.label(CommandIDs.exportProvenance, { ref, format })}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

/** What it was derived from, and what was derived from it. */
function Relatives({ answer }: { answer: IProvenance }): JSX.Element | null {
  const { trans } = useServices();
  const { parents, descendants } = answer;
  if (parents.length + descendants.length === 0) {
    return null;
  }
  return (
    <dl className="wb-rows wb-relatives">
      {parents.length > 0 && (
        <>
          <dt>{trans.__('Derived from')}</dt>
          <dd>
            {parents.map(parent => (
              <Relative key={parent.ref} relative={parent} />
            ))}
          </dd>
        </>
      )}
      {descendants.length > 0 && (
        <>
          <dt>{trans.__('Derived from it')}</dt>
          <dd>
            {descendants.map(each => (
              <Relative key={each.ref} relative={each} holders={each.holders} />
            ))}
          </dd>
        </>
      )}
    </dl>
  );
}

function Relative(props: {
  relative: IParent | IDescendant;
  holders?: number;
}): JSX.Element {
  const { trans, words } = useServices();
  const { relative, holders } = props;
  const { ref, state } = relative;
  return (
    <span className="wb-relative" data-ref={ref}>
      <ReleaseLink release={ref} />
      <Badge word={words.release(state)} />
      {holders !== undefined && (
        <span className="wb-quiet">
          {trans._n('%1 person has it', '%1 people have it', holders)}
        </span>
      )}
    </span>
  );
}

function Checks({ checks }: { checks: ICheck[] }): JSX.Element {
  const { trans } = useServices();
  const failed = checks.filter(each => each.outcome === 'failed').length;
  const passed = checks.filter(each => each.outcome === 'passed').length;
  const title = [
    trans._n('%1 check passed', '%1 checks passed', passed),
    ...(failed > 0 ? [trans._n('%1 failed', '%1 failed', failed)] : []),
    ...(passed + failed < checks.length
      ? [trans.__('%1 not measured', String(checks.length - passed - failed))]
      : [])
  ].join(' · ');
  return (
    <Fold
      title={
        <>
          <ToneIcon tone={failed > 0 ? 'bad' : 'plain'} /> {title}
        </>
      }
      className="wb-provenance-checks"
    >
      <CheckList checks={checks} />
    </Fold>
  );
}

function Picture({ answer }: { answer: IProvenance }): JSX.Element {
  const { trans } = useServices();
  const graph = React.useMemo(() => graphOf(answer.graph), [answer]);
  if (!answer.available || graph === null) {
    return (
      <Empty
        text={
          answer.why ??
          trans.__('The lineage of this release cannot be shown to you.')
        }
      />
    );
  }
  return <Lineage graph={graph} name={shortRef(answer.ref)} />;
}
