/** Small pieces of the Checks tab: drawn shapes, bars, intervals, long lists. */
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useServices } from '../context';
import { FIRST } from './answer';
import type { Shape } from './shapes';
import { elementOf } from './shapes';
import type { IInterval } from './types';
import { CheckWords } from './words';

export function useCheckWords(): CheckWords {
  const { trans } = useServices();
  return React.useMemo(() => new CheckWords(trans), [trans]);
}

/** The shapes of a picture, to be put into an `svg`. */
export function Drawn({ shapes }: { shapes: Shape[] }): JSX.Element {
  return (
    <>
      {shapes.map((shape, at) => {
        const { tag, attributes, look, text } = elementOf(shape);
        return React.createElement(
          tag,
          { key: at, ...attributes, style: look },
          text
        );
      })}
    </>
  );
}

/** How many of how many as a filled part of a line; even one is seen. For the eye only. */
export function Bar(props: { count: number; of: number }): JSX.Element {
  const share = props.of > 0 ? Math.min(1, props.count / props.of) : 0;
  return (
    <span className="wb-part-bar" aria-hidden="true">
      {props.count > 0 && <span style={{ width: `${share * 100}%` }} />}
    </span>
  );
}

/** A number with its interval between two ends, and where chance is. For the eye only. */
export function Dot(props: {
  value: number;
  interval: IInterval;
  from: number;
  to: number;
  chance: number;
}): JSX.Element {
  const { value, interval, from, to, chance } = props;
  const place = (number: number): number =>
    100 * Math.min(1, Math.max(0, (number - from) / (to - from)));
  const [low, high] = [place(interval.low), place(interval.high)];
  return (
    <span className="wb-dot" aria-hidden="true">
      <span className="wb-dot-chance" style={{ left: `${place(chance)}%` }} />
      <span
        className="wb-dot-interval"
        style={{ left: `${low}%`, width: `${high - low}%` }}
      />
      <span className="wb-dot-value" style={{ left: `${place(value)}%` }} />
    </span>
  );
}

/**
 * The first of a long list, and the button that shows the rest and hides it again. The button
 * stays where it is, so that the keyboard does too.
 */
export function useFirst<T>(
  items: T[],
  first = FIRST
): { shown: T[]; more: JSX.Element | null } {
  const { trans } = useServices();
  const [all, setAll] = React.useState(false);
  if (items.length <= first) {
    return { shown: items, more: null };
  }
  const more = (
    <Button
      small
      className="jp-mod-styled jp-mod-small wb-button wb-more"
      onClick={() => setAll(!all)}
    >
      {all
        ? trans.__('Show the first %1 only', String(first))
        : trans.__('Show all %1', String(items.length))}
    </Button>
  );
  return { shown: all ? items : items.slice(0, first), more };
}

/** A list of sentences; a long one is cut. */
export function Sentences(props: {
  sentences: string[];
  className?: string;
}): JSX.Element {
  const { shown, more } = useFirst(props.sentences);
  return (
    <>
      <ul className={`wb-sentences ${props.className ?? ''}`}>
        {shown.map((sentence, at) => (
          <li key={at}>{sentence}</li>
        ))}
      </ul>
      {more}
    </>
  );
}

/** A name from the model or its data: in one face, broken anywhere rather than sticking out. */
export function Place({ text }: { text: string }): JSX.Element {
  return (
    <code className="wb-place" title={text}>
      {text}
    </code>
  );
}

/** The width of an element, in pixels, as it changes; 0 until it is known. */
export function useWidth(node: React.RefObject<HTMLElement>): number {
  const [width, setWidth] = React.useState(0);
  React.useLayoutEffect(() => {
    const element = node.current;
    if (element === null) {
      return;
    }
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [node]);
  return width;
}
