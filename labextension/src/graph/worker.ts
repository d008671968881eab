/** What runs in the worker: one layout for each message. Bundled into `worker.text.ts`. */
import type { ILayout, ILayoutInput } from './layout';
import { layOut } from './layout';

/** The part of a worker's global scope that is used. */
interface IScope {
  onmessage: ((event: { data: IQuestion }) => void) | null;
  postMessage(answer: IAnswer): void;
}

export interface IQuestion {
  id: number;
  input: ILayoutInput;
}

export interface IAnswer {
  id: number;
  layout: ILayout;
}

const scope = self as unknown as IScope;
scope.onmessage = ({ data: { id, input } }) => {
  scope.postMessage({ id, layout: layOut(input) });
};
