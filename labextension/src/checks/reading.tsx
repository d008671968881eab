/** The picture with a point that reads it: by pointer, or with the arrow keys. */
import * as React from 'react';

import { useServices } from '../context';
import { leastSeen, nearest, readAt, stops, strongestOf } from './curve';
import { Drawn, useCheckWords, useWidth } from './parts';
import { fieldOf, rocShapes } from './roc';
import type { ILeakageReport, Method } from './types';

const WIDEST = 560;

interface IReading {
  method: Method;
  at: number;
}

export function Readable({ report }: { report: ILeakageReport }): JSX.Element {
  const { trans } = useServices();
  const words = useCheckWords();
  const node = React.useRef<HTMLDivElement>(null);
  const width = Math.min(WIDEST, useWidth(node));
  const height = Math.round(Math.min(330, Math.max(230, width * 0.6)));
  const size = { width, height };
  const [pointed, setPointed] = React.useState<IReading | null>(null);
  const reader = useReader(report);
  const reading = pointed ?? (reader.focused ? reader.reading : null);
  const field = fieldOf(size);
  const onPointerMove = (event: React.PointerEvent): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const least = leastSeen(report.nonmembers);
    const across = event.clientX - box.left + field.left;
    const up = event.clientY - box.top + field.top;
    const at = Math.max(least, field.x.share(across));
    const method = nearest(report.attacks, at, field.y.share(up));
    setPointed(method === null ? null : { method, at });
  };
  return (
    <div ref={node} className="wb-roc-stage">
      {width > 0 && (
        <>
          <svg {...size} role="img" aria-label={words.picture(report)}>
            <Drawn
              shapes={rocShapes(report, size, trans, reading?.method ?? null)}
            />
          </svg>
          <div
            className="wb-roc-reader"
            style={{
              left: field.left,
              top: field.top,
              width: field.right - field.left,
              height: field.bottom - field.top
            }}
            role="slider"
            tabIndex={0}
            aria-label={trans.__('Read the picture with the arrow keys')}
            aria-orientation="horizontal"
            aria-valuemin={0}
            aria-valuemax={reader.last}
            aria-valuenow={reader.step}
            aria-valuetext={said(reader.reading)}
            onPointerMove={onPointerMove}
            onPointerLeave={() => setPointed(null)}
            {...reader.handlers}
          />
          {reading && (
            <Tip
              at={field.x.place(reading.at)}
              up={field.y.place(valueOf(reading))}
              width={width}
              text={said(reading)}
            />
          )}
        </>
      )}
    </div>
  );

  function valueOf({ method, at }: IReading): number {
    const attack = report.attacks.find(each => each.method === method);
    return attack ? readAt(attack.curve, at) : 0;
  }

  function said(what: IReading): string {
    return words.reading(what.method, what.at, valueOf(what));
  }
}

/** Left and right go along a curve, up and down to another one. */
function useReader(report: ILeakageReport) {
  const places = stops(report.nonmembers);
  const methods = report.attacks.map(each => each.method);
  const last = places.length - 1;
  const first = Math.max(
    0,
    methods.indexOf(strongestOf(report)?.method ?? 'loss')
  );
  const start = Math.max(0, places.indexOf(report.strongest?.rate.at ?? 1));
  const [step, setStep] = React.useState(start);
  const [row, setRow] = React.useState(first);
  const [focused, setFocused] = React.useState(false);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const to = moved(event.key, step, last);
    if (to !== null) {
      setStep(to);
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const by = event.key === 'ArrowUp' ? methods.length - 1 : 1;
      setRow((row + by) % methods.length);
    } else {
      return;
    }
    event.preventDefault();
  };
  return {
    step: Math.min(step, last),
    last,
    focused,
    reading: {
      method: methods[row] ?? methods[0],
      at: places[Math.min(step, last)]
    },
    handlers: {
      onKeyDown,
      onFocus: () => setFocused(true),
      onBlur: () => setFocused(false)
    }
  };
}

function moved(key: string, step: number, last: number): number | null {
  switch (key) {
    case 'ArrowRight':
      return Math.min(last, step + 1);
    case 'ArrowLeft':
      return Math.max(0, step - 1);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

const TIP = 220; // pixels wide

/** The two numbers in words, beside the point, within the picture. The slider says the same. */
function Tip(props: {
  at: number;
  up: number;
  width: number;
  text: string;
}): JSX.Element {
  const { at, up, width, text } = props;
  const left = at + 12 + TIP > width ? Math.max(0, at - 12 - TIP) : at + 12;
  return (
    <>
      <span
        className="wb-roc-point"
        style={{ left: at, top: up }}
        aria-hidden="true"
      />
      <div
        className="wb-roc-tip"
        style={{ left, top: up + 12, width: TIP }}
        aria-hidden="true"
      >
        {text}
      </div>
    </>
  );
}
