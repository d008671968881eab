/** Whether the copy that an approval hands over carries a mark; why not, where it cannot. */
import * as React from 'react';

import { useServices } from '../context';
import type { IRequestDetail } from '../tokens';
import type { IVoting } from './deciding';

export function MarkBox(props: {
  detail: IRequestDetail;
  voting: IVoting;
}): JSX.Element {
  const { trans } = useServices();
  const { detail, voting } = props;
  const { draft, change, mark } = voting;
  const id = React.useId();
  if (detail.unmarkable !== null) {
    return (
      <p className="wb-bar-mark wb-quiet" data-wb="unmarkable">
        {detail.unmarkable}
      </p>
    );
  }
  return (
    <p className="wb-bar-mark">
      <label
        className="wb-check"
        title={trans.__(
          'Each weight moves by a hundredth of its tensor’s spread, in a pattern that only your key and this grant make. A file that turns up can then be traced with `workbench trace`. The recipient is told. It is a deterrent: whoever averages many copies or trains the model again can remove it. Needs weights saved with safetensors; a large model takes a while.'
        )}
      >
        <input
          type="checkbox"
          checked={draft.mark}
          disabled={voting.sending !== null}
          aria-describedby={id}
          onChange={event => change({ ...draft, mark: event.target.checked })}
          data-wb="mark"
        />
        {trans.__('Mark this copy')}
      </label>
      <span id={id} className="wb-quiet">
        {mark
          ? trans.__(
              'The copy will name this grant, and say so to its recipient.'
            )
          : trans.__('So that a leaked file names the grant it came from.')}
      </span>
    </p>
  );
}
