/** The request form: one release, one right, one purpose, a period. */
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Problem } from '../api';
import { CommandIDs } from '../commands';
import { useAlive, useModel, useServices } from '../context';
import { Once } from '../once';
import { Badge, Empty, Line, Loading, ProblemCard } from '../parts';
import type { IChange, IRelease, IRequest } from '../tokens';
import { orgOf, shortRef } from '../words';
import { Answer } from './answer';
import { useAnswer } from './explain';
import { PurposeField, DaysField, RightField, TermsField } from './fields';
import type { Field, IForm } from './form';
import { applied, askOf, firstForm, wrong } from './form';
import { Sent } from './sent';

export interface IFormProps {
  refName: string;
  /** The request that is answered or repeated. */
  before: IRequest | null;
  /** True when `before` itself goes back to its reviewers. */
  resubmit: boolean;
  /** What was entered earlier, and where to keep it. */
  kept: IForm | null;
  keep: (form: IForm | null) => void;
  preset: IChange;
  close: () => void;
}

export function RequestView(props: IFormProps): JSX.Element {
  const { trans } = useServices();
  const model = useModel();
  const release = model.release(props.refName);
  if (release !== null) {
    return <RequestForm key={release.ref} {...props} release={release} />;
  }
  if (model.catalogue === null) {
    return model.problem ? (
      <ProblemCard problem={model.problem} retry={() => void model.refresh()} />
    ) : (
      <Loading text={trans.__('Asking the exchange…')} />
    );
  }
  return (
    <Empty
      text={trans.__(
        'There is no release %1 in the catalogue. Choose another one in the Sharing panel.',
        props.refName
      )}
    />
  );
}

type IOpenFormProps = IFormProps & { release: IRelease };

function RequestForm(props: IOpenFormProps): JSX.Element {
  const { release, before, resubmit, close } = props;
  const { trans } = useServices();
  const { form, change, tried, sending, problem, sent, send, answer, faults } =
    useForm(props);
  const node = React.useRef<HTMLFormElement>(null);
  if (sent !== null) {
    return <Sent request={sent} close={close} />;
  }
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    if (!send()) {
      // After the messages are drawn.
      requestAnimationFrame(() =>
        node.current
          ?.querySelector<HTMLElement>('[aria-invalid="true"]')
          ?.focus()
      );
    }
  };
  const shown = (field: Field): string | undefined =>
    tried.has(field) ? faults[field] : undefined;
  return (
    <form
      ref={node}
      className="wb-request"
      data-wb="request-form"
      noValidate
      onSubmit={submit}
    >
      <Head release={release} />
      {resubmit && before?.reason && <Asked reason={before.reason} />}
      <RightField
        release={release}
        form={form}
        change={change}
        fault={shown('right')}
      />
      <PurposeField form={form} change={change} fault={shown('text')} />
      <DaysField
        form={form}
        change={change}
        fault={shown('days')}
        most={answer.answer?.max_days ?? 0}
      />
      <Answer
        answer={answer}
        retry={answer.retry}
        apply={wanted => change(applied(form, wanted))}
      />
      <TermsField
        terms={release.terms}
        form={form}
        change={change}
        fault={shown('accepted')}
      />
      {problem && <ProblemCard problem={problem} />}
      <div className="wb-form-end">
        <Button
          type="button"
          className="jp-mod-styled jp-mod-reject wb-button"
          onClick={close}
        >
          {trans.__('Close')}
        </Button>
        <Button
          type="submit"
          className="jp-mod-styled jp-mod-accept wb-button"
          disabled={sending}
          data-wb="send-request"
        >
          {sending
            ? trans.__('Sending…')
            : resubmit
              ? trans.__('Send again')
              : trans.__('Send request')}
        </Button>
      </div>
    </form>
  );
}

/** All that moves in the form. */
function useForm(props: IOpenFormProps) {
  const { release, before, resubmit, kept, keep, preset } = props;
  const { trans } = useServices();
  const model = useModel();
  const alive = useAlive();
  const [form, setForm] = React.useState<IForm>(
    () => kept ?? applied(firstForm(release, model.defaultDays, before), preset)
  );
  const [tried, setTried] = React.useState<Set<Field>>(new Set());
  const [sending, setSending] = React.useState(false);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [sent, setSent] = React.useState<IRequest | null>(null);
  const [once] = React.useState(() => new Once());
  const answer = useAnswer(release.ref, form);
  const faults = wrong(form, release, answer.answer, trans);

  const change = (next: IForm): void => {
    const touched = new Set(tried);
    if (next.text !== form.text && form.text !== '') {
      touched.add('text');
    }
    if (next.days !== form.days) {
      touched.add('days');
    }
    setTried(touched);
    setForm(next);
    keep(next);
  };
  const finish = async (): Promise<boolean> => {
    try {
      const ask = askOf(form, release);
      const request =
        resubmit && before
          ? await model.api.resubmit(before.id, ask)
          : await model.api.ask(ask);
      keep(null);
      if (alive()) {
        setSent(request);
      }
      void model.refresh();
      return true;
    } catch (thrown) {
      if (alive()) {
        setProblem(Problem.of(thrown));
        setSending(false);
      }
      // What stood against it (other terms, a retired release) may be new to this page.
      void model.refresh();
      return false;
    }
  };
  /** False when something stands against sending. */
  const send = (): boolean => {
    setTried(new Set<Field>(['right', 'text', 'days', 'accepted']));
    if (Object.keys(faults).length > 0 || answer.answer?.allowed === false) {
      return false;
    }
    if (once.start(finish)) {
      setSending(true);
      setProblem(null);
    }
    return true;
  };
  return { form, change, tried, sending, problem, sent, send, answer, faults };
}

function Head({ release }: { release: IRelease }): JSX.Element {
  const { trans, words, commands } = useServices();
  return (
    <div className="wb-form-head">
      <h2>{trans.__('Ask to use %1', shortRef(release.ref))}</h2>
      <Button
        type="button"
        minimal
        className="wb-link"
        onClick={() =>
          void commands.execute(CommandIDs.copyRequest, { ref: release.ref })
        }
        data-wb="copy-request"
      >
        {commands.label(CommandIDs.copyRequest)}
      </Button>
      <p className="wb-form-about">
        <Line text={release.title} />
        <span className="wb-quiet">
          {[orgOf(release.ref), release.owner.name].filter(Boolean).join(' · ')}
        </span>
        <Badge word={words.sensitivity(release.sensitivity)} />
      </p>
    </div>
  );
}

function Asked({ reason }: { reason: string }): JSX.Element {
  const { trans } = useServices();
  return (
    <div className="wb-note" role="note">
      <strong>{trans.__('The reviewer asks')}</strong>
      <p>{reason}</p>
    </div>
  );
}
