/** Asks the gateway while the person fills in the form. */
import * as React from 'react';

import { useServices } from '../context';
import type { IDecision } from '../tokens';
import type { IAsked } from './asker';
import { Asker } from './asker';
import type { IForm } from './form';
import { validDays } from './form';

export type IAnswer = IAsked<IDecision>;

/** The gateway's answer to what the form asks for now; `retry` asks again. */
export function useAnswer(
  ref: string,
  form: IForm
): IAnswer & { retry: () => void } {
  const { api } = useServices().model;
  const [answer, setAnswer] = React.useState<IAnswer>({
    answer: null,
    asking: true,
    problem: null
  });
  const [round, retry] = React.useReducer((count: number) => count + 1, 0);
  const asker = React.useMemo(
    () => new Asker(api.explain.bind(api), setAnswer),
    [api]
  );
  const { right, category, days } = form;
  React.useEffect(() => {
    const question = { ref, right, purpose_category: category, days };
    asker.want(validDays(days) ? question : null);
    return () => asker.stop();
  }, [asker, ref, right, category, days, round]);
  return { ...answer, retry };
}
