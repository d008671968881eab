import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** The stable hooks for browser tests, by file; renaming one here breaks those. */
const HOOKS: Record<string, string[]> = {
  'acts/cells.ts': ['signed-code'],
  'acts/trace.ts': ['whose'],
  'dialogs.ts': ['passphrase', 'reason'],
  'graph/detail.ts': [
    'graph-clear',
    'graph-code',
    'graph-copy',
    'graph-open-cell',
    'graph-warning'
  ],
  'graph/frame.ts': ['graph-detail', 'graph-gaps'],
  'graph/legend.ts': ['graph-legend'],
  'graph/mount.ts': ['graph'],
  'graph/overview.ts': ['graph-expand'],
  'graph/table.ts': ['graph-table', 'graph-table-more'],
  'graph/toolbar.ts': [
    'graph-fit',
    'graph-next',
    'graph-previous',
    'graph-reset',
    'graph-search',
    'graph-zoom-in',
    'graph-zoom-out'
  ],
  'ledger/howto.tsx': ['how-to-check'],
  'ledger/plugin.tsx': ['ledger-tab'],
  'ledger/row.tsx': ['receipt'],
  'ledger/view.tsx': [
    'clear-filters',
    'ledger-verdict',
    'ledger-what-to-do',
    'load-more',
    'verify'
  ],
  'panel/catalogue.tsx': ['filter-right', 'filter-sensitivity', 'search'],
  'panel/identity.tsx': ['identity', 'identity-name'],
  'panel/lineage.tsx': ['lineage', 'parents'],
  'panel/panel.tsx': [
    'first-run',
    'locked',
    'look-again',
    'open-terminal',
    'unlock'
  ],
  'panel/release.tsx': ['request'],
  'panel/releases.tsx': ['holders', 'revoke'],
  'panel/requests.tsx': ['marked', 'use'],
  'panel/trace.tsx': ['trace'],
  'panel/widget.tsx': ['panel'],
  'parts.tsx': ['problem', 'retry'],
  'progress.tsx': ['cancel-work', 'work'],
  'provenance/plugin.tsx': ['provenance-tab'],
  'provenance/view.tsx': ['open-provenance', 'provenance'],
  'request/answer.tsx': ['alternative', 'answer'],
  'request/fields.tsx': [
    'accept-terms',
    'days',
    'purpose-category',
    'purpose-text'
  ],
  'request/sent.tsx': ['request-sent'],
  'request/view.tsx': ['copy-request', 'request-form', 'send-request'],
  'review/bar.tsx': [
    'cancelled',
    'decision-bar',
    'decision-days',
    'decision-right',
    'outcome',
    'policy',
    'rationale',
    'standing'
  ],
  'review/before.tsx': ['earlier'],
  'review/mark.tsx': ['mark', 'unmarkable'],
  'review/plugin.tsx': ['review-tab'],
  'review/since.tsx': ['since'],
  'review/summary.tsx': ['votes'],
  'review/view.tsx': ['position'],
  'share/message.tsx': ['share-again', 'share-notice'],
  'share/widget.tsx': ['share'],
  'status.tsx': ['status']
};

const SOURCES = join(process.cwd(), 'src');

test('the hooks in the sources are the documented ones', () => {
  const found: Record<string, string[]> = {};
  for (const name of readdirSync(SOURCES, {
    recursive: true,
    encoding: 'utf-8'
  })) {
    if (/\.tsx?$/.test(name)) {
      const text = readFileSync(join(SOURCES, name), 'utf-8');
      const hooks = text.matchAll(
        /(?:data-wb="|dataset\.wb = '|'data-wb': '|\bhook: ')([\w-]+)/g
      );
      const names = [...new Set([...hooks].map(hook => hook[1]))].sort();
      if (names.length > 0) {
        found[name] = names;
      }
    }
  }
  assert.deepEqual(found, HOOKS);
});
