/** What every view is handed, and the hooks that keep views fresh. */
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { ISharing } from './tokens';
import type { ITrans, Words } from './words';

export interface IServices {
  model: ISharing;
  words: Words;
  trans: ITrans;
  commands: CommandRegistry;
}

export const Services = React.createContext<IServices | null>(null);

export function useServices(): IServices {
  const services = React.useContext(Services);
  if (services === null) {
    throw new Error('A view was drawn outside <Services.Provider>.');
  }
  return services;
}

/** The model; the caller is drawn again whenever it changes. */
export function useModel(): ISharing {
  const { model } = useServices();
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    model.changed.connect(redraw);
    return () => {
      model.changed.disconnect(redraw);
    };
  }, [model]);
  return model;
}

/** The time, moving on each half minute, for “2 min ago”. */
export function useNow(): number {
  const [now, setNow] = React.useState(() => Date.now());
  React.useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Whether the component is still on screen; ask before setting state after a wait. */
export function useAlive(): () => boolean {
  const alive = React.useRef(true);
  React.useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  return React.useCallback(() => alive.current, []);
}
