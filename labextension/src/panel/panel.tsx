/** The panel's frame: identity on top, then its state, then the sections. */
import { Button, lockIcon, refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useModel, useServices } from '../context';
import { IconButton, Loading, ProblemCard } from '../parts';
import { Catalogue } from './catalogue';
import { Identity } from './identity';
import { MyReleases } from './releases';
import { MyRequests } from './requests';
import { Section } from './section';
import { ToReview } from './toreview';

export function Panel(): JSX.Element {
  const { trans, commands } = useServices();
  const { status } = useModel();
  return (
    <div className="wb-panel">
      <div className="wb-panel-head">
        <h2>{trans.__('Sharing')}</h2>
        <IconButton
          icon={refreshIcon}
          label={trans.__('Look again')}
          onClick={() => void commands.execute('workbench:refresh')}
          name="refresh"
        />
      </div>
      {status && <Identity status={status} />}
      <Body />
    </div>
  );
}

function Body(): JSX.Element {
  const { trans } = useServices();
  const { status, problem, catalogue, refresh } = useBody();
  if (status === null) {
    return problem ? (
      <ProblemCard problem={problem} retry={refresh} />
    ) : (
      <Loading text={trans.__('Asking the exchange…')} />
    );
  }
  if (status.locked) {
    return <Locked keystore={status.keystore} />;
  }
  if (status.person === null) {
    return <FirstRun refresh={refresh} />;
  }
  if (catalogue === null && problem === null) {
    return <Loading text={trans.__('Asking the exchange…')} />;
  }
  return (
    <>
      {problem && <ProblemCard problem={problem} retry={refresh} />}
      <Sections />
    </>
  );
}

/** Nobody is set up on this machine yet. */
function FirstRun({ refresh }: { refresh: () => void }): JSX.Element {
  const { trans, commands } = useServices();
  const terminal = 'terminal:create-new';
  return (
    <div className="wb-empty" data-wb="first-run">
      <p>{trans.__('Nobody is set up on this machine yet.')}</p>
      <p>
        {trans.__(
          'One command makes your keys and, if there is none, an exchange on this machine. Run it in a terminal, with your own name:'
        )}
      </p>
      <p>
        <code>workbench init --name ada</code>
      </p>
      <p className="wb-quiet">
        {trans.__('To only try it out with four made-up people:')}{' '}
        <code>workbench workshop</code>
      </p>
      <span className="wb-actions">
        {commands.hasCommand(terminal) && (
          <Button
            className="jp-mod-styled wb-button"
            onClick={() => void commands.execute(terminal)}
            data-wb="open-terminal"
          >
            {trans.__('Open a terminal')}
          </Button>
        )}
        <Button
          className="jp-mod-styled jp-mod-accept wb-button"
          onClick={refresh}
          data-wb="look-again"
        >
          {trans.__('Look again')}
        </Button>
      </span>
    </div>
  );
}

function useBody() {
  const model = useModel();
  const { status, problem, catalogue } = model;
  return { status, problem, catalogue, refresh: () => void model.refresh() };
}

function Sections(): JSX.Element {
  const { trans } = useServices();
  const model = useModel();
  const review = model.review ?? [];
  const mine = (model.catalogue ?? []).filter(each => each.mine);
  return (
    <div className="wb-sections">
      <Section
        name="to-review"
        title={trans.__('To review')}
        count={review.length}
        strong={review.length > 0}
      >
        <ToReview />
      </Section>
      <Section
        name="my-requests"
        title={trans.__('My requests')}
        count={model.requests?.length ?? 0}
      >
        <MyRequests />
      </Section>
      <Section name="catalogue" title={trans.__('Catalogue')}>
        <Catalogue />
      </Section>
      <Section
        name="my-releases"
        title={trans.__('My releases')}
        count={mine.length}
        closed
      >
        <MyReleases />
      </Section>
    </div>
  );
}

function Locked({ keystore }: { keystore: string }): JSX.Element {
  const { trans, commands } = useServices();
  return (
    <div className="wb-empty" data-wb="locked">
      <p>
        <lockIcon.react tag="span" width="16px" height="16px" />{' '}
        {trans.__('Your keys are locked. They are %1.', keystore)}
      </p>
      <p>
        {trans.__('Unlock them to see your requests and to share or review.')}
      </p>
      <Button
        className="jp-mod-styled jp-mod-accept wb-button"
        onClick={() => void commands.execute('workbench:unlock')}
        data-wb="unlock"
      >
        {trans.__('Unlock…')}
      </Button>
    </div>
  );
}
