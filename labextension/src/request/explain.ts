/** Asks the gateway while the person fills in the form. */
import * as React from 'react';

import { Problem } from '../api';
import { useServices } from '../context';
import type { IDecision } from '../tokens';
import type { IForm } from './form';
import { validDays } from './form';

const PAUSE = 300;

export interface IAnswer {
  /** The last decision; kept while the next one is on its way. */
  decision: IDecision | null;
  asking: boolean;
  problem: Problem | null;
}

/** The gateway's answer to what the form asks for now. */
export function useAnswer(ref: string, form: IForm): IAnswer {
  const { api } = useServices().model;
  const [answer, setAnswer] = React.useState<IAnswer>({
    decision: null,
    asking: true,
    problem: null
  });
  const { right, category, days } = form;
  React.useEffect(() => {
    if (!validDays(days)) {
      setAnswer({ decision: null, asking: false, problem: null });
      return;
    }
    let current = true;
    setAnswer(last => ({ ...last, asking: true }));
    const ask = async (): Promise<void> => {
      let next: IAnswer;
      try {
        const question = { ref, right, purpose_category: category, days };
        const decision = await api.explain(question);
        next = { decision, asking: false, problem: null };
      } catch (thrown) {
        next = {
          decision: null,
          asking: false,
          problem: Problem.of(thrown)
        };
      }
      if (current) {
        setAnswer(next);
      }
    };
    const timer = setTimeout(() => void ask(), PAUSE);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [api, ref, right, category, days]);
  return answer;
}
