import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** The stable hooks for browser tests, by file; renaming one here breaks those. */
const HOOKS: Record<string, string[]> = {
  'dialogs.ts': ['passphrase', 'reason'],
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
  'panel/panel.tsx': [
    'first-run',
    'locked',
    'look-again',
    'open-terminal',
    'unlock'
  ],
  'panel/release.tsx': ['request'],
  'panel/releases.tsx': ['holders', 'revoke'],
  'panel/requests.tsx': ['use'],
  'panel/widget.tsx': ['panel'],
  'parts.tsx': ['problem', 'retry'],
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
    'decision-bar',
    'decision-days',
    'decision-right',
    'outcome',
    'policy',
    'rationale',
    'standing'
  ],
  'review/before.tsx': ['earlier'],
  'review/plugin.tsx': ['review-tab'],
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
      const hooks = text.matchAll(/(?:data-wb="|dataset\.wb = ')([\w-]+)/g);
      const names = [...new Set([...hooks].map(hook => hook[1]))].sort();
      if (names.length > 0) {
        found[name] = names;
      }
    }
  }
  assert.deepEqual(found, HOOKS);
});
