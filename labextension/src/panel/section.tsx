/** One section of the accordion; stays as the person left it. */
import * as React from 'react';

import { Caret } from '../parts';

/** How each section was left; the panel is drawn anew when somebody else is played. */
const LEFT = new Map<string, boolean>();

export function Section(props: {
  name: string;
  title: string;
  count?: number;
  strong?: boolean;
  closed?: boolean;
  children: React.ReactNode;
}): JSX.Element {
  const { name, title, count, strong, closed, children } = props;
  const [open, setOpen] = React.useState(LEFT.get(name) ?? !closed);
  const id = React.useId();
  return (
    <section className="wb-section" data-wb={name} aria-labelledby={id}>
      <h3>
        <button
          type="button"
          className="wb-section-title"
          id={id}
          aria-expanded={open}
          onClick={() => {
            LEFT.set(name, !open);
            setOpen(!open);
          }}
        >
          <Caret open={open} />
          <span className="wb-section-name">{title}</span>
          {count !== undefined && count > 0 && (
            <span className={`wb-count ${strong ? 'wb-strong' : ''}`}>
              {count}
            </span>
          )}
        </button>
      </h3>
      {open && <div className="wb-section-body">{children}</div>}
    </section>
  );
}
