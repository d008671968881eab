/** The fields of the request form. */
import { HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useNow, useServices } from '../context';
import { Fold, ToneIcon } from '../parts';
import { endOf } from '../time';
import type { IRelease, ITerms, PurposeKind, Right } from '../tokens';
import { PURPOSES, RIGHTS } from '../words';
import type { IForm } from './form';
import { validDays } from './form';

interface IFieldProps {
  form: IForm;
  change: (form: IForm) => void;
  fault: string | undefined;
}

export function Fault(props: {
  id: string;
  text: string | undefined;
}): JSX.Element {
  return (
    <p className="wb-fault" id={props.id} aria-live="polite">
      {props.text && (
        <>
          <ToneIcon tone="bad" />
          {props.text}
        </>
      )}
    </p>
  );
}

export function RightField(
  props: IFieldProps & { release: IRelease }
): JSX.Element {
  const { trans } = useServices();
  const { release, form, change, fault } = props;
  const id = React.useId();
  return (
    <fieldset className="wb-fieldset" aria-describedby={id}>
      <legend>{trans.__('What do you want to do?')}</legend>
      <div className="wb-cards">
        {RIGHTS.map(right => (
          <RightCard
            key={right}
            right={right}
            offered={release.rights.includes(right)}
            chosen={form.right === right}
            choose={() => change({ ...form, right })}
          />
        ))}
      </div>
      <Fault id={id} text={fault} />
    </fieldset>
  );
}

function RightCard(props: {
  right: Right;
  offered: boolean;
  chosen: boolean;
  choose: () => void;
}): JSX.Element {
  const { trans, words } = useServices();
  const { right, offered, chosen, choose } = props;
  const group = React.useContext(GroupName);
  const { label, gets, lacks } = words.right(right);
  return (
    <label
      className={`wb-card ${chosen ? 'wb-chosen' : ''} ${offered ? '' : 'wb-off'}`}
      data-wb={`right-${right}`}
    >
      <input
        type="radio"
        name={group}
        value={right}
        checked={chosen}
        disabled={!offered}
        onChange={choose}
      />
      <span className="wb-card-title">{label}</span>
      <span className="wb-card-line">
        {offered ? gets : trans.__('Not offered for this release.')}
      </span>
      {offered && <span className="wb-card-line wb-quiet">{lacks}</span>}
    </label>
  );
}

/** Radio buttons of two open forms must not be one group. */
export const GroupName = React.createContext('wb-right');

export function PurposeField(props: IFieldProps): JSX.Element {
  const { trans, words } = useServices();
  const { form, change, fault } = props;
  const id = React.useId();
  return (
    <fieldset className="wb-fieldset">
      <legend>{trans.__('What for?')}</legend>
      <HTMLSelect
        aria-label={trans.__('Kind of purpose')}
        value={form.category}
        title={words.purpose(form.category).explain}
        onChange={event =>
          change({ ...form, category: event.target.value as PurposeKind })
        }
        data-wb="purpose-category"
      >
        {PURPOSES.map(kind => (
          <option key={kind} value={kind}>
            {words.purpose(kind).label}
          </option>
        ))}
      </HTMLSelect>
      <span className="wb-quiet wb-beside">
        {words.purpose(form.category).explain}
      </span>
      <textarea
        className="jp-mod-styled wb-text"
        rows={3}
        maxLength={4000}
        aria-label={trans.__('Purpose, in one or two sentences')}
        placeholder={trans.__(
          'One or two sentences a reviewer can judge, for example: external validation on admissions of 2025 at St. Mary’s.'
        )}
        value={form.text}
        aria-invalid={fault !== undefined}
        aria-describedby={id}
        onChange={event => change({ ...form, text: event.target.value })}
        data-wb="purpose-text"
      />
      <Fault id={id} text={fault} />
    </fieldset>
  );
}

export function DaysField(props: IFieldProps & { most: number }): JSX.Element {
  const { trans } = useServices();
  const { form, change, fault, most } = props;
  const now = useNow();
  const id = React.useId();
  const ends = validDays(form.days)
    ? trans.__('days, until %1', endOf(form.days, now))
    : trans.__('days');
  return (
    <fieldset className="wb-fieldset">
      <legend>{trans.__('For how long?')}</legend>
      <span className="wb-days">
        <input
          type="number"
          className="jp-mod-styled"
          min={1}
          max={most > 0 ? most : undefined}
          step={1}
          aria-label={trans.__('Days')}
          value={Number.isNaN(form.days) ? '' : form.days}
          aria-invalid={fault !== undefined}
          aria-describedby={id}
          onChange={event =>
            change({ ...form, days: event.target.valueAsNumber })
          }
          data-wb="days"
        />
        <span>{ends}</span>
      </span>
      <Fault id={id} text={fault} />
    </fieldset>
  );
}

export function TermsField(
  props: IFieldProps & { terms: ITerms }
): JSX.Element {
  const { trans } = useServices();
  const { terms, form, change, fault } = props;
  const id = React.useId();
  return (
    <fieldset className="wb-fieldset">
      <legend>{trans.__('Terms')}</legend>
      <Fold title={terms.title} open className="wb-terms">
        <TermsText text={terms.text} />
      </Fold>
      <label className="wb-check">
        <input
          type="checkbox"
          checked={form.accepted === terms.digest}
          aria-invalid={fault !== undefined}
          aria-describedby={id}
          onChange={event =>
            change({
              ...form,
              accepted: event.target.checked ? terms.digest : ''
            })
          }
          data-wb="accept-terms"
        />
        {trans.__('I have read these terms and accept them.')}
      </label>
      <Fault id={id} text={fault} />
    </fieldset>
  );
}

/** Scrolls by itself, so it must be reachable by keyboard. */
export function TermsText({ text }: { text: string }): JSX.Element {
  const { trans } = useServices();
  return (
    <div
      className="wb-terms-text"
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region needs focus
      tabIndex={0}
      role="region"
      aria-label={trans.__('Text of the terms')}
    >
      {text}
    </div>
  );
}
