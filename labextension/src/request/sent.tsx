/** What is shown once a request is sent: how it stands and what comes next. */
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CommandIDs } from '../commands';
import { useServices } from '../context';
import { Badge, ToneIcon } from '../parts';
import type { IRequest } from '../tokens';
import { shortRef } from '../words';

export function Sent(props: {
  request: IRequest;
  close: () => void;
}): JSX.Element {
  const { trans, words, commands } = useServices();
  const { request, close } = props;
  const { id, ref, right, days, purpose } = request;
  const heading = React.useRef<HTMLHeadingElement>(null);
  React.useEffect(() => heading.current?.focus(), []);
  const granted = request.state === 'granted';
  return (
    <div className="wb-sent" data-wb="request-sent" data-request={id}>
      <h2 ref={heading} tabIndex={-1}>
        <ToneIcon tone="good" />{' '}
        {granted
          ? trans.__('You have access to %1', shortRef(ref))
          : trans.__('Your request for %1 is sent', shortRef(ref))}
      </h2>
      <p>
        <Badge word={words.request(request.state)} />{' '}
        {words.request(request.state).explain}
      </p>
      {!granted && (
        <p>
          {trans.__(
            'You will be told here when something moves. It also shows in the Sharing panel under My requests.'
          )}
        </p>
      )}
      <div className="wb-actions">
        {granted && (
          <Button
            className="jp-mod-styled jp-mod-accept wb-button"
            onClick={() =>
              void commands.execute(CommandIDs.copyCode, { ref, right })
            }
          >
            {commands.label(CommandIDs.copyCode)}
          </Button>
        )}
        <Button
          className="jp-mod-styled wb-button"
          onClick={() => void commands.execute(CommandIDs.openPanel)}
        >
          {trans.__('View in panel')}
        </Button>
        <Button
          className="jp-mod-styled wb-button"
          onClick={() =>
            void commands.execute(CommandIDs.copyRequest, {
              ref,
              right,
              days,
              purpose: purpose.text
            })
          }
        >
          {commands.label(CommandIDs.copyRequest)}
        </Button>
        <Button className="jp-mod-styled wb-button" onClick={close}>
          {trans.__('Close')}
        </Button>
      </div>
    </div>
  );
}
