/** The tabs of a request: one question each. */
import * as React from 'react';

import { ChecksView } from '../checks/view';
import { useServices } from '../context';
import { ProvenanceView } from '../provenance/view';
import type { IRequestDetail } from '../tokens';
import { ChangesTab } from './before';
import { earlierTurns } from './changes';
import { HistoryTab, TechnicalTab, TermsTab } from './records';
import { SummaryTab } from './summary';

interface ITab {
  name: string;
  label: string;
  /** Said after the label, for example how many checks failed. */
  mark?: string;
  draw: () => JSX.Element;
}

export function Tabs({ detail }: { detail: IRequestDetail }): JSX.Element {
  const { trans } = useServices();
  const failed = detail.checks.filter(each => each.outcome === 'failed').length;
  const before = earlierTurns(detail).length + detail.earlier.length;
  const tabs: ITab[] = [
    {
      name: 'summary',
      label: trans.__('Summary'),
      draw: () => <SummaryTab detail={detail} />
    },
    {
      name: 'checks',
      label: trans.__('Checks'),
      mark: failed > 0 ? trans._n('%1 failed', '%1 failed', failed) : undefined,
      draw: () => (
        <ChecksView
          release={detail.ref}
          decision={detail.decision}
          evidence={detail.evidence}
        />
      )
    },
    {
      name: 'provenance',
      label: trans.__('Provenance'),
      draw: () => <ProvenanceView release={detail.ref} inside />
    },
    {
      name: 'changes',
      label: trans.__('Changes'),
      mark: before > 0 ? trans.__('%1 earlier', String(before)) : undefined,
      draw: () => <ChangesTab detail={detail} />
    },
    {
      name: 'terms',
      label: trans.__('Terms'),
      draw: () => <TermsTab detail={detail} />
    },
    {
      name: 'history',
      label: trans.__('History'),
      draw: () => <HistoryTab detail={detail} />
    },
    {
      name: 'technical',
      label: trans.__('Technical details'),
      draw: () => <TechnicalTab detail={detail} />
    }
  ];
  return <TabSet tabs={tabs} label={trans.__('About this request')} />;
}

function TabSet(props: { tabs: ITab[]; label: string }): JSX.Element {
  const { tabs, label } = props;
  const [at, setAt] = React.useState(0);
  const id = React.useId();
  const list = React.useRef<HTMLDivElement>(null);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const to = target(event.key, at, tabs.length);
    if (to !== null) {
      event.preventDefault();
      setAt(to);
      list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[to]?.focus();
    }
  };
  return (
    <div className="wb-tabs">
      <div
        ref={list}
        className="wb-tab-list"
        role="tablist"
        aria-label={label}
        tabIndex={-1}
        onKeyDown={onKeyDown}
      >
        {tabs.map((tab, index) => (
          <button
            key={tab.name}
            type="button"
            role="tab"
            id={`${id}-${tab.name}`}
            className="wb-tab"
            aria-selected={index === at}
            aria-controls={`${id}-panel`}
            tabIndex={index === at ? 0 : -1}
            onClick={() => setAt(index)}
            data-wb={`tab-${tab.name}`}
          >
            {tab.label}
            {tab.mark && <span className="wb-tab-mark">{tab.mark}</span>}
          </button>
        ))}
      </div>
      <div
        className="wb-tab-panel"
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${tabs[at].name}`}

        tabIndex={0}
      >
        {tabs[at].draw()}
      </div>
    </div>
  );
}

function target(key: string, at: number, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
      return (at + 1) % count;
    case 'ArrowLeft':
      return (at + count - 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
