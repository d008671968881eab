import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { collapse } from '../src/graph/collapse';
import { facesOf, fitted, guess, numberOf } from '../src/graph/faces';
import { datasetFacts, factsOf } from '../src/graph/facts';
import { Finding } from '../src/graph/finding';
import { netOf } from '../src/graph/net';
import { Search } from '../src/graph/search';
import { curve, KIND_ICONS, outline } from '../src/graph/shapes';
import { Teller } from '../src/graph/tell';
import type { INode, NodeKind } from '../src/graph/types';
import { MARKS, NODE_KINDS } from '../src/graph/types';
import { duration, GraphWords, shortDigest, size } from '../src/graph/words';
import { edge, lineage, node, SMALL } from './lineages';
import { trans } from './support';

const words = new GraphWords(trans);
const net = netOf(SMALL);
const tell = new Teller(net, words);
const at = (id: string) => net.at.get(id) ?? -1;

test('every kind and mark has its own words, shape and sign', () => {
  const kinds = NODE_KINDS.map(kind => words.kind(kind));
  assert.equal(new Set(kinds).size, NODE_KINDS.length);
  for (const kind of NODE_KINDS) {
    assert.match(words.count(kind, 2), /^2 \w/);
    assert.match(words.more(kind, 37), /^37 more \w/);
    assert.ok(words.about(node('x', kind)).endsWith('.'));
  }
  const icons = NODE_KINDS.map(kind => KIND_ICONS[kind]);
  assert.equal(new Set(icons).size, NODE_KINDS.length);
  const shapes = NODE_KINDS.map(kind => outline(kind, 120, 46));
  assert.equal(new Set(shapes).size, NODE_KINDS.length);
  for (const mark of MARKS) {
    const { label, explain } = words.mark(mark);
    assert.ok(label && explain);
  }
});

test('a kind the server adds later is shown as it is called', () => {
  const kind = 'protocol' as NodeKind;
  assert.equal(words.kind(kind), 'protocol');
  assert.equal(words.count(kind, 3), '3 protocol');
  assert.ok(outline(kind, 100, 40));
  const odd = netOf(lineage([node('x', kind)], []));
  const [face] = facesOf(odd, collapse(odd), words, guess);
  assert.equal(face.note, 'protocol');
});

test('screen readers hear what it is, how it came about and how that is known', () => {
  assert.equal(
    tell.node(at('patients.csv')),
    'patients.csv, source, not labelled, read by In [1], observed'
  );
  assert.equal(
    tell.node(at('clf')),
    'clf, model, what this lineage is about, made by In [2], observed'
  );
  assert.equal(
    tell.node(at('In [2]')),
    'In [2], cell, used df, observed, read labels.csv, resolved, made clf, observed'
  );
});

test('a thing with many neighbours names a few of them', () => {
  const sources = Array.from({ length: 9 }, (_, index) => `${index}.csv`);
  const many = netOf(
    lineage(
      [...sources.map(name => node(name, 'source')), node('In [1]', 'step')],
      sources.map(name => edge(name, 'In [1]', 'read'))
    )
  );
  assert.match(
    new Teller(many, words).node(9),
    /read 2\.csv, observed, and 6 more$/
  );
});

test('how a node is known is the weakest of what it came of', () => {
  assert.equal(tell.known(at('labels.csv')), 'resolved');
  assert.equal(tell.known(at('clf')), 'observed');
  assert.equal(tell.known(at('In [2]')), null, 'a cell that ran was seen');
  assert.equal(
    new Teller(netOf(lineage([node('a')], [])), words).known(0),
    null
  );
});

test('an edge is a sentence, and several are counted with the weakest mark', () => {
  const shown = collapse(net);
  const bundle = shown.bundles.find(({ edges }) => edges[0] === 3);
  assert.ok(bundle);
  assert.equal(
    tell.bundle(shown, bundle),
    'labels.csv: read by In [2] (resolved)'
  );
  const joined = { ...bundle, edges: [0, 3] };
  assert.match(
    tell.bundle(shown, joined),
    /^2 connections .* at least resolved$/
  );
});

const marked = (change: Partial<NonNullable<INode['dataset']>> = {}): INode =>
  node('p.csv', 'source', {
    dataset: {
      name: 'Cohort',
      classification: 'confidential',
      regions: ['eu'],
      licence: '',
      source: '',
      annotations: { 'labelled by': 'two people' },
      ...change
    }
  });

test('the second line warns first, then says what one wants to know', () => {
  const note = (one: INode) => {
    const alone = netOf(lineage([one], []));
    const [face] = facesOf(alone, collapse(alone), words, guess);
    return [face.note, face.sign];
  };
  assert.deepEqual(note(node('a', 'source')), ['not labelled', 'ask']);
  assert.deepEqual(note(marked()), ['confidential · eu', 'guard']);
  assert.deepEqual(note(marked({ classification: 'open', regions: [] })), [
    'open',
    null
  ]);
  assert.deepEqual(note({ ...marked(), details: { changed: 'It did.' } }), [
    'changed since read',
    'ask'
  ]);
  const step = (details: INode['details']) =>
    node('In [1]', 'step', { details });
  assert.deepEqual(note(step({ outcome: 'error', seconds: 1 })), [
    'ended with an error',
    'bad'
  ]);
  assert.deepEqual(note(step({ outcome: 'ok', seconds: 0.4 })), [
    '400 ms',
    null
  ]);
  const model = { type: 'sklearn.svm.SVC', shape: '' };
  assert.deepEqual(note(node('m', 'model', { details: model })), ['SVC', null]);
  const metric = { value: 0.87312345, on: 'X_test' };
  assert.deepEqual(note(node('auc', 'metric', { details: metric })), [
    '0.8731 · X_test',
    null
  ]);
});

test('a name that is too long keeps both its ends', () => {
  const width = (text: string) => [...text].length;
  assert.equal(fitted('short', 10, width), 'short');
  const cut = fitted('readmission-2024-final.parquet', 15, width);
  assert.equal([...cut].length, 15);
  assert.match(cut, /^readmis.*…/);
  assert.ok(cut.endsWith('parquet'));
  assert.equal([...fitted('👩‍⚕️'.repeat(40), 8, width)].length <= 8, true);
});

test('sizes, times, numbers and digests are written as people read them', () => {
  const sizes: [number, string][] = [
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [1_832_211, '1.8 MB'],
    [999_999, '1.0 MB'],
    [5e12, '5.0 TB'],
    [NaN, '']
  ];
  sizes.forEach(([bytes, text]) => assert.equal(size(bytes, trans), text));
  const times: [number, string][] = [
    [0, '0 ms'],
    [0.9996, '1.0 s'],
    [12.34, '12.3 s'],
    [600, '10 min'],
    [-1, ''],
    [NaN, '']
  ];
  times.forEach(([seconds, text]) =>
    assert.equal(duration(seconds, trans), text)
  );
  assert.equal(numberOf('0.1234567'), '0.1235');
  assert.equal(numberOf('many'), 'many');
  assert.equal(numberOf(''), '');
  const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
  assert.equal(shortDigest(digest), 'sha256:012345…abcdef');
  assert.equal(shortDigest('abc'), 'abc');
});

test('facts are rows with words; what has no row of its own is shown as it is called', () => {
  const details = {
    digest: 'sha256:00',
    size: 2000,
    rows_seen: 3,
    how: 'pandas'
  };
  const facts = factsOf(node('a', 'source', { details }), words);
  assert.deepEqual(
    facts.map(({ name, value }) => [name, value]),
    [
      ['Read with', 'pandas'],
      ['Size', '2.0 kB'],
      ['Digest', 'sha256:00'],
      ['rows_seen', '3']
    ]
  );
  const said = datasetFacts(marked({ regions: [] }), words);
  assert.deepEqual(
    said.map(({ name, value }) => [name, value]),
    [
      ['Called', 'Cohort'],
      ['Sensitivity', 'confidential'],
      ['Bound to', 'no region'],
      ['labelled by', 'two people']
    ]
  );
});

test('a search finds by name first, without case and accents, by every word', () => {
  const found = netOf(
    lineage(
      [
        node('a', 'step', { details: { code: 'pd.read_csv("café.csv")' } }),
        node('Café.csv', 'source'),
        node('other', 'source', { details: { address: 'data/CAFE/x' } })
      ],
      []
    )
  );
  const search = new Search(found, kind => words.kind(kind));
  assert.deepEqual(search.find('cafe'), [1, 0, 2]);
  assert.deepEqual(search.find('cafe source'), [1, 2]);
  assert.deepEqual(search.find('cell read_csv'), [0]);
  assert.deepEqual(search.find('  '), []);
  assert.deepEqual(search.find('.*'), [], 'signs are looked for as they are');
});

test('stepping through what was found starts at the first and goes round', () => {
  const search = new Search(net, kind => words.kind(kind));
  const finding = new Finding();
  finding.look(search, '.csv');
  const [one, other] = [at('patients.csv'), at('labels.csv')];
  assert.deepEqual(
    [1, 1, 1, -1].map(by => finding.step(by as 1 | -1)),
    [one, other, one, other]
  );
  finding.look(search, 'nothing like it');
  assert.equal(finding.step(1), null);
});

test('an edge is a path of numbers', () => {
  assert.equal(curve([0, 5, 10, 5]), 'M0 5L10 5');
  assert.match(curve([0, 0, 10, 20]), /^M0 0C5 0 5 20 10 20$/);
});

test('the graph needs no framework: it imports itself, times, and types', () => {
  const folder = join(process.cwd(), 'src', 'graph');
  const allowed = /^(\.\/[\w.]+|\.\.\/time|\.\.\/\.\.\/style\/[\w-]+\.css)$/;
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf-8');
    const imports = text.matchAll(
      /^(?:import|export) (type )?[^;]*?from '([^']+)'/gm
    );
    for (const [, type, from] of imports) {
      const onlyTypes = Boolean(type) && /^\.\.\/(tokens|words)$/.test(from);
      assert.ok(allowed.test(from) || onlyTypes, `${name}: ${from}`);
    }
  }
});
