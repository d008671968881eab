import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { INotebookFile } from '../src/provenance/cells';
import { cellIn, findCell, placesOf } from '../src/provenance/cells';
import { kindWord, lineOf, SIGN, tally } from '../src/review/diff';
import type { IChanged, IProvenance, IReleaseChanges } from '../src/tokens';
import { SMALL } from './lineages';
import { MemoryServer } from './server';
import { REF, trans } from './support';

test('a lineage is asked for by its release', async () => {
  const answer: IProvenance = {
    ref: REF,
    title: 'Readmission within 30 days',
    available: true,
    why: null,
    graph: SMALL,
    checks: [],
    parents: [{ ref: 'a/b:1', state: 'withdrawn' }],
    descendants: [{ ref: 'a/c:1', state: 'published', holders: 3 }]
  };
  const server = new MemoryServer({ provenance: () => ({ json: answer }) });
  assert.deepEqual(await server.api.provenance(REF), answer);
  assert.equal(server.calls[0].query.ref, REF);
});

test('what changed is asked for by its release', async () => {
  const answer: IReleaseChanges = {
    ref: REF,
    available: true,
    why: null,
    since: null,
    proof: [],
    sections: []
  };
  const server = new MemoryServer({ changes: () => ({ json: answer }) });
  assert.deepEqual(await server.api.changes(REF), answer);
  assert.equal(server.calls[0].query.ref, REF);
});

test('an export keeps its bytes, and has the server’s name or a usual one', async () => {
  const named: Record<string, Record<string, string>> = {
    crate: { 'Content-Disposition': 'attachment; filename="readmission.zip"' }
  };
  const server = new MemoryServer({
    'provenance/export': ({ query }) => ({
      text: `bytes of ${query.format}`,
      headers: named[query.format]
    })
  });
  const crate = await server.api.provenanceFile(REF, 'crate');
  assert.equal(crate.name, 'readmission.zip');
  assert.equal(await crate.content.text(), 'bytes of crate');
  const prov = await server.api.provenanceFile(REF, 'prov');
  assert.equal(prov.name, 'cardio-lab-readmission-1.0.prov.json');
});

const WANTED = {
  notebook: 'readmission.ipynb',
  cell: 'c2',
  code: 'df = pd.read_csv("patients.csv")'
};

test('a notebook is looked for where it is open, beside that, and at the top', () => {
  assert.deepEqual(placesOf('a.ipynb', []), ['a.ipynb']);
  assert.deepEqual(placesOf('a.ipynb', ['work/b.ipynb', 'x/a.ipynb']), [
    'x/a.ipynb',
    'a.ipynb',
    'work/a.ipynb'
  ]);
  assert.deepEqual(placesOf('./sub/a.ipynb', []), ['sub/a.ipynb', 'a.ipynb']);
});

test('a signed name leads nowhere else', () => {
  for (const name of ['', '/', '../secret.ipynb', 'a/../../b.ipynb']) {
    assert.deepEqual(placesOf(name, ['work/b.ipynb']), []);
  }
});

test('a cell is found by its id, else by its very code', () => {
  const file = (...cells: INotebookFile['cells']) => ({ cells });
  const code = WANTED.code;
  assert.equal(
    cellIn(file({ id: 'c1', source: code }, { id: 'c2', source: 'x' }), WANTED),
    1
  );
  const lines = ['df = pd.read_csv(', '"patients.csv")\n'];
  assert.equal(cellIn(file({ source: 'x' }, { source: lines }), WANTED), 1);
  assert.equal(cellIn(file({ id: 'c9', source: 'x' }), WANTED), -1);
  const bare = { ...WANTED, cell: '', code: '' };
  assert.equal(cellIn(file({ source: '' }), bare), -1, 'nothing is no cell');
});

test('the first notebook that has the cell is taken, and a change in it is known', async () => {
  const files: Record<string, INotebookFile> = {
    'readmission.ipynb': { cells: [{ id: 'other', source: 'x' }] },
    'work/readmission.ipynb': { cells: [{ id: 'c2', source: 'df = None' }] }
  };
  const read = (path: string) => Promise.resolve(files[path] ?? null);
  const { found, seen } = await findCell(WANTED, ['work/b.ipynb'], read);
  assert.ok(seen);
  assert.deepEqual(found, {
    path: 'work/readmission.ipynb',
    index: 0,
    same: false
  });
});

test('a notebook that is not there is told from one without the cell', async () => {
  const nowhere = await findCell(WANTED, [], () => Promise.resolve(null));
  assert.deepEqual(nowhere, { found: null, seen: false });
  const without = await findCell(WANTED, [], () =>
    Promise.resolve({ cells: [] })
  );
  assert.deepEqual(without, { found: null, seen: true });
});

test('each line of a diff has a sign and a word, never a colour alone', () => {
  const kinds = ['+a', '-b', '−c', ' d', '@@ 3 @@', 'e', ''].map(
    line => lineOf(line).kind
  );
  assert.deepEqual(kinds, [
    'added',
    'removed',
    'removed',
    'same',
    'place',
    'same',
    'same'
  ]);
  assert.deepEqual(lineOf('+    x = 1'), { kind: 'added', text: '    x = 1' });
  assert.notEqual(SIGN.added, SIGN.removed);
  assert.equal(kindWord('removed', trans), 'removed');
  assert.equal(kindWord('same', trans), '');
});

test('a section says how much changed in it', () => {
  const change = (kind: IChanged['kind']): IChanged => ({
    name: 'x',
    kind,
    before: '',
    after: '',
    lines: []
  });
  assert.equal(
    tally([change('added'), change('changed'), change('added')], 5, trans),
    '2 added, 1 changed, 5 as before'
  );
  assert.equal(tally([], 0, trans), '');
});
