/** Small pieces all views share: badges, problem cards, empty states, folds. */
import { Button, caretRightIcon, LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Problem } from './api';
import { useServices } from './context';
import { toneIcons } from './icons';
import type { IWord, Tone } from './words';

export function ToneIcon({ tone }: { tone: Tone }): JSX.Element {
  const Icon = toneIcons[tone];
  return (
    <span className={`wb-tone wb-tone-${tone}`} aria-hidden="true">
      <Icon.react tag="span" width="14px" height="14px" />
    </span>
  );
}

/** A state in words, with its shape and its explanation on hover. */
export function Badge({ word }: { word: IWord }): JSX.Element {
  return (
    <span className="wb-badge" title={word.explain}>
      <ToneIcon tone={word.tone} />
      {word.label}
    </span>
  );
}

/** Text that may be too long: one line, the whole of it on hover. */
export function Line(props: { text: string; className?: string }): JSX.Element {
  const { text, className = '' } = props;
  return (
    <span className={`wb-line ${className}`} title={text}>
      {text}
    </span>
  );
}

export function Empty(props: {
  text: string;
  children?: React.ReactNode;
}): JSX.Element {
  return (
    <div className="wb-empty">
      <p>{props.text}</p>
      {props.children}
    </div>
  );
}

export function Loading({ text }: { text: string }): JSX.Element {
  return (
    <div className="wb-loading" role="status">
      <span className="wb-spinner" aria-hidden="true" />
      {text}
    </div>
  );
}

/** What went wrong, what was not changed, what to do next. */
export function ProblemCard(props: {
  problem: Problem;
  retry?: () => void;
}): JSX.Element {
  const { trans } = useServices();
  const { problem, retry } = props;
  return (
    <div className="wb-problem" role="alert" data-wb="problem">
      <ToneIcon tone="bad" />
      <div>
        <p className="wb-problem-message">{problem.message}</p>
        {problem.step && <p>{trans.__('It stopped at: %1.', problem.step)}</p>}
        {problem.decision?.rationale.map(reason => (
          <p key={reason}>{reason}</p>
        ))}
        {problem.unchanged && <p>{problem.unchanged}</p>}
        {problem.hint && <p>{problem.hint}</p>}
        {retry && (
          <Button
            className="jp-mod-styled wb-button"
            onClick={retry}
            data-wb="retry"
          >
            {trans.__('Try again')}
          </Button>
        )}
      </div>
    </div>
  );
}

/** A button with an icon only; its words are for hover and screen readers. */
export function IconButton(props: {
  icon: LabIcon;
  label: string;
  onClick: () => void;
  pressed?: boolean;
  disabled?: boolean;
  name?: string;
}): JSX.Element {
  const { icon: Icon, label, onClick, pressed, disabled, name } = props;
  return (
    <Button
      minimal
      className="wb-icon-button"
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
      data-wb={name}
    >
      <Icon.react tag="span" width="16px" height="16px" />
    </Button>
  );
}

/** Starts closed or open and keeps what it was. */
export function Fold(props: {
  title: React.ReactNode;
  open?: boolean;
  className?: string;
  children: React.ReactNode;
}): JSX.Element {
  const [open, setOpen] = React.useState(props.open ?? false);
  const id = React.useId();
  return (
    <div className={`wb-fold ${props.className ?? ''}`}>
      <button
        type="button"
        className="wb-fold-title"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <Caret open={open} />
        {props.title}
      </button>
      {open && (
        <div className="wb-fold-body" id={id}>
          {props.children}
        </div>
      )}
    </div>
  );
}

export function Caret({ open }: { open: boolean }): JSX.Element {
  return (
    <span className={`wb-caret ${open ? 'wb-open' : ''}`} aria-hidden="true">
      <caretRightIcon.react tag="span" width="16px" height="16px" />
    </span>
  );
}

export function Rows({ rows }: { rows: [string, string][] }): JSX.Element {
  return (
    <dl className="wb-rows">
      {rows.map(([name, value]) => (
        <React.Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}
