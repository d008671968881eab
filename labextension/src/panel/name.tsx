/** The name of a release in a list; pressing it shows or hides the rest. */
import * as React from 'react';

import { Caret } from '../parts';
import { shortRef } from '../words';

interface IName {
  release: string;
  /** The id of what is shown and hidden. */
  rest: string;
  open: boolean;
  onToggle: () => void;
}

export function ReleaseName(props: IName): JSX.Element {
  const { release, rest, open, onToggle } = props;
  const [name, version] = shortRef(release).split(/ (?=[^ ]*$)/);
  return (
    <button
      type="button"
      className="wb-fold-name wb-name"
      title={release}
      aria-expanded={open}
      aria-controls={rest}
      onClick={onToggle}
    >
      <Caret open={open} />
      <span className="wb-line">{name}</span>{' '}
      <span className="wb-version">{version}</span>
    </button>
  );
}
