/** The rows of the tab: what came of each check, and its evidence behind it. */
import * as React from 'react';

import { useServices } from '../context';
import { Caret, ToneIcon } from '../parts';
import { gapsOf, hasEvidence, inOrder, without } from './answer';
import { CanariesEvidence, CanariesGlance } from './canaries';
import { ConvertedEvidence } from './converted';
import { LeakageEvidence } from './leakage';
import { Bar, Sentences, useCheckWords } from './parts';
import { RocGlance } from './picture';
import { RetainedEvidence } from './retained';
import { ScanEvidence } from './scan';
import type { CheckKey, ICheckRow, IReleaseChecks } from './types';

export function CheckRows({ answer }: { answer: IReleaseChecks }): JSX.Element {
  return (
    <ul className="wb-list wb-check-rows">
      {inOrder(answer.rows).map(row => (
        <Row key={row.key} row={row} answer={answer} />
      ))}
    </ul>
  );
}

function Row(props: { row: ICheckRow; answer: IReleaseChecks }): JSX.Element {
  const { row, answer } = props;
  const [open, setOpen] = React.useState(false);
  const id = React.useId();
  const evidence = hasEvidence(answer, row.key);
  return (
    <li
      className="wb-inspected"
      data-check={row.key}
      data-outcome={row.outcome}
    >
      <div className="wb-check-head">
        <h3>
          {evidence ? (
            <button
              type="button"
              className="wb-check-open"
              aria-expanded={open}
              aria-controls={id}
              aria-describedby={`${id}-said`}
              onClick={() => setOpen(!open)}
            >
              <Caret open={open} />
              <Title row={row} answer={answer} />
            </button>
          ) : (
            <span className="wb-check-shut">
              <Title row={row} answer={answer} />
            </span>
          )}
        </h3>
        <Glance answer={answer} of={row.key} />
      </div>
      <div id={`${id}-said`} className="wb-check-said">
        <p>{row.sentence}</p>
        {row.advice && <p className="wb-check-advice">{row.advice}</p>}
      </div>
      {open && evidence && (
        <div id={id} className="wb-evidence">
          <Evidence answer={answer} row={row} />
        </div>
      )}
    </li>
  );
}

function Title(props: { row: ICheckRow; answer: IReleaseChecks }): JSX.Element {
  const { words } = useServices();
  const checks = useCheckWords();
  const { row, answer } = props;
  const word = checks.outcome(row.outcome);
  const band =
    row.key === 'leakage' && answer.band !== 'unknown'
      ? words.leakage(answer.band)
      : null;
  return (
    <>
      <ToneIcon tone={word.tone} />
      <span className="wb-check-text">
        <span className="wb-check-name">{row.title}</span>{' '}
        <span className="wb-check-outcome" title={word.explain}>
          {word.label}
        </span>{' '}
        {band && (
          <span className="wb-check-outcome" title={band.explain}>
            {band.label}
          </span>
        )}
      </span>
    </>
  );
}

/** The result at the size of a word, where it can be drawn. */
function Glance(props: {
  answer: IReleaseChecks;
  of: CheckKey;
}): JSX.Element | null {
  const { retained, leakage, canaries } = props.answer;
  if (props.of === 'retained' && retained) {
    return <Bar count={retained.rows} of={retained.of} />;
  }
  if (props.of === 'leakage' && leakage?.strongest) {
    return <RocGlance report={leakage} />;
  }
  if (props.of === 'canaries' && canaries) {
    return <CanariesGlance report={canaries} />;
  }
  return null;
}

function Evidence(props: {
  answer: IReleaseChecks;
  row: ICheckRow;
}): JSX.Element | null {
  const { answer, row } = props;
  const { scan, retained, leakage, canaries, converted } = answer;
  // What the row says is not said again.
  const more = (sentences: string[]): string[] =>
    without(sentences, [row.sentence, ...gapsOf(answer)]);
  switch (row.key) {
    case 'scan':
      return scan && <ScanEvidence report={scan} />;
    case 'retained':
      return (
        retained && (
          <RetainedEvidence
            report={retained}
            summary={more(answer.retained_sentences.slice(0, 1))}
          />
        )
      );
    case 'leakage':
      return (
        leakage && (
          <LeakageEvidence
            report={leakage}
            sentences={more(answer.leakage_words)}
          />
        )
      );
    case 'canaries':
      return (
        canaries && (
          <CanariesEvidence
            report={canaries}
            sentences={more(answer.canary_words)}
          />
        )
      );
    case 'form':
      return (
        converted && (
          <ConvertedEvidence
            report={converted}
            sentences={more(answer.converted_sentences)}
          />
        )
      );
    case 'hidden':
      return <Sentences sentences={more(answer.hidden_sentences)} />;
    default:
      return null;
  }
}
