/** Asks the server once for what a view shows, and again when asked to. */
import * as React from 'react';

import { Problem } from './api';

export interface IAnswered<T> {
  /** null until the first answer. */
  answer: T | null;
  problem: Problem | null;
  again: () => void;
}

/** `ask` has to be the same function (`useCallback`) for as long as the question is the same. */
export function useAnswer<T>(ask: () => Promise<T>): IAnswered<T> {
  const [loaded, setLoaded] = React.useState<{
    ask: () => Promise<T>;
    answer: T | null;
    problem: Problem | null;
  }>({ ask, answer: null, problem: null });
  const [round, again] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    let current = true;
    const load = async (): Promise<void> => {
      try {
        const answer = await ask();
        if (current) {
          setLoaded({ ask, answer, problem: null });
        }
      } catch (thrown) {
        if (current) {
          setLoaded({ ask, answer: null, problem: Problem.of(thrown) });
        }
      }
    };
    void load();
    return () => {
      current = false;
    };
  }, [ask, round]);
  // An answer to an earlier question is not shown for this one.
  return loaded.ask === ask
    ? { answer: loaded.answer, problem: loaded.problem, again }
    : { answer: null, problem: null, again };
}
