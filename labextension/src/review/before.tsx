/** Changes: of the release since its last version, and of what is asked since it was asked last. */
import * as React from 'react';

import { useNow, useServices } from '../context';
import { Empty, Fold } from '../parts';
import { ago } from '../time';
import type { IRequestDetail } from '../tokens';
import type { IAsked } from './changes';
import { earlierTurns } from './changes';
import { difference } from './queue';
import { SinceLastVersion } from './since';

export function ChangesTab({
  detail
}: {
  detail: IRequestDetail;
}): JSX.Element {
  const { trans } = useServices();
  return (
    <div className="wb-changes">
      <section>
        <h3>{trans.__('The release')}</h3>
        <SinceLastVersion release={detail.ref} />
      </section>
      <section>
        <h3>{trans.__('The request')}</h3>
        <Asked detail={detail} />
      </section>
    </div>
  );
}

/** What was asked before, side by side with what is asked now. */
function Asked({ detail }: { detail: IRequestDetail }): JSX.Element {
  const { trans, words } = useServices();
  const now = useNow();
  const turns = earlierTurns(detail);
  const { earlier } = detail;
  if (turns.length + earlier.length === 0) {
    return (
      <Empty
        text={trans.__(
          '%1 asks for this release for the first time; there is nothing to compare with.',
          detail.person.name
        )}
      />
    );
  }
  return (
    <div data-wb="earlier">
      {turns.map((turn, index) => (
        <Fold
          key={turn.at}
          open={index === 0}
          title={trans.__(
            'This request as it was sent %1',
            ago(turn.at, now, trans)
          )}
        >
          <Difference was={turn.asked} is={detail} />
        </Fold>
      ))}
      {earlier.map((each, index) => (
        <Fold
          key={each.id}
          open={turns.length === 0 && index === 0}
          title={trans.__(
            'Earlier request, %1, %2',
            words.request(each.state).label,
            ago(each.updated, now, trans)
          )}
        >
          {each.reason && <p>“{each.reason}”</p>}
          <Difference was={each} is={detail} />
        </Fold>
      ))}
    </div>
  );
}

function Difference(props: { was: IAsked; is: IAsked }): JSX.Element {
  const { trans, words } = useServices();
  return (
    <table className="wb-difference">
      <thead>
        <tr>
          <td />
          <th scope="col">{trans.__('Then')}</th>
          <th scope="col">{trans.__('Now')}</th>
        </tr>
      </thead>
      <tbody>
        {difference(props.was, props.is, words).map(row => (
          <tr key={row.name} className={row.same ? 'wb-same' : 'wb-changed'}>
            <th scope="row">{row.name}</th>
            <td>{row.was}</td>
            <td>{row.same ? trans.__('the same') : row.is}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
