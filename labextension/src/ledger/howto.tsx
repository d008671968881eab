/** How anybody can check a receipt without this software. */
import * as React from 'react';

import { useServices } from '../context';
import { Fold } from '../parts';

export function HowToCheck({ index }: { index: number }): JSX.Element {
  const { trans } = useServices();
  return (
    <Fold
      title={trans.__('How to check it without this software')}
      className="wb-howto"
    >
      <ol data-wb="how-to-check">
        <li>
          {trans.__(
            'The receipt is plain text in the public format “tlog-proof” (c2sp.org/tlog-proof). It holds this entry (number %1), the path from it to the whole log, and the log’s signature.',
            String(index)
          )}
        </li>
        <li>
          {trans.__(
            'Get the public key of the log from whoever runs the exchange, not from the person who gave you the receipt. In a local exchange it is the file log.vkey in its folder.'
          )}
        </li>
        <li>
          {trans.__(
            'Any tool that reads this format can then check the path and the signature. If both fit, the log held this entry when the receipt was made.'
          )}
        </li>
        <li>
          {trans.__(
            'The line “extra” is the entry itself with a random salt. SHA-256 over the salt followed by the event must give the value at the start of the path; then the words are the ones that were logged.'
          )}
        </li>
      </ol>
    </Fold>
  );
}
