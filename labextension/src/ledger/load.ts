/** Loads the log page by page and follows what is added. */
import * as React from 'react';

import { Problem } from '../api';
import { useModel } from '../context';
import type { IEvent, ILedgerPage } from '../tokens';
import { merged } from './entries';

export interface IFilter {
  release: string;
  person: string;
  kind: string;
}

export const NO_FILTER: IFilter = { release: '', person: '', kind: '' };
const PAGE = 50;

interface ILog {
  entries: IEvent[] | null;
  page: ILedgerPage | null;
  more: boolean;
  problem: Problem | null;
}

const EMPTY: ILog = { entries: null, page: null, more: false, problem: null };

export function useLog(filter: IFilter) {
  const model = useModel();
  const { api } = model;
  const [log, setLog] = React.useState<ILog>(EMPTY);
  const [loading, setLoading] = React.useState(false);
  const [round, again] = React.useReducer((count: number) => count + 1, 0);
  const { release, person, kind } = filter;
  const question = JSON.stringify(filter);
  const asked = React.useRef(question);

  React.useEffect(() => {
    let current = true;
    const load = async (): Promise<void> => {
      const same = asked.current === question;
      asked.current = question;
      try {
        const page = await api.ledger({ release, person, kind, limit: PAGE });
        if (current) {
          setLog(last => joined(same ? last : EMPTY, page));
        }
      } catch (thrown) {
        if (current) {
          setLog(last => ({ ...last, problem: Problem.of(thrown) }));
        }
      }
    };
    void load();
    return () => {
      current = false;
    };
  }, [api, release, person, kind, question, round]);

  // The log may grow without anything else on screen moving.
  React.useEffect(() => {
    model.looked.connect(again);
    return () => {
      model.looked.disconnect(again);
    };
  }, [model]);

  const older = async (): Promise<void> => {
    const last = log.entries?.[log.entries.length - 1];
    if (!last || loading) {
      return;
    }
    setLoading(true);
    try {
      const page = await api.ledger({
        release,
        person,
        kind,
        before: last.index,
        limit: PAGE
      });
      if (asked.current === question) {
        setLog(now => ({
          ...now,
          entries: merged(now.entries ?? [], page.entries),
          more: page.entries.length === PAGE
        }));
      }
    } catch (thrown) {
      setLog(now => ({ ...now, problem: Problem.of(thrown) }));
    } finally {
      setLoading(false);
    }
  };
  return { ...log, loading, older, again };
}

/** A first page put on top of what is there. */
function joined(last: ILog, page: ILedgerPage): ILog {
  const first = last.entries === null;
  return {
    entries: merged(last.entries ?? [], page.entries),
    page,
    more: first ? page.entries.length === PAGE : last.more,
    problem: null
  };
}
