import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { openCode, requestCode } from '../src/snippets';
import type { Right } from '../src/tokens';
import { REF } from './support';

/** Names that try to leave the quotes, in ways that JSON, JavaScript and Python treat differently. */
const HOSTILE = [
  'a/b:1") or __import__("os").system("id") #',
  "a/b:1'); import os #",
  'a/b:1\\") ; import os #',
  'a/b:1\nimport os',
  'a/b:1\r\nimport os',
  'a/b:1\u2028import os',
  'a/b:1\u0000',
  'a/b:1\u0007\u001b[2J',
  'ü/漢字:1.0 😀',
  '\ud800lonely',
  '{x}%s$' + '`'
];

/**
 * What Python reads in the code: its statements, and each text in it. Standard input keeps the
 * bytes exactly as they would be in a cell.
 */
function readByPython(code: string): { shape: string[]; texts: string[] } {
  const program = [
    'import ast, json, sys',
    'tree = ast.parse(sys.stdin.buffer.read().decode("utf-8"))',
    'texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]',
    'calls = [getattr(n.func, "attr", None) or n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call)]',
    'shape = [type(n).__name__ for n in tree.body] + sorted(calls)',
    'json.dump({"shape": shape, "texts": texts}, sys.stdout)'
  ].join('\n');
  const done = spawnSync('python3', ['-c', program], {
    input: code,
    encoding: 'utf-8'
  });
  assert.equal(done.status, 0, done.stderr);
  return JSON.parse(done.stdout) as ReturnType<typeof readByPython>;
}

test('what was granted is opened, what runs hosted is connected to', () => {
  assert.equal(
    openCode(REF, 'retrieve'),
    `import workbench as wb\nmodel = wb.open("${REF}").load()`
  );
  assert.match(openCode(REF, 'infer'), /wb\.connect\("cardio-lab/);
});

test('a request snippet repeats what the form asks for', () => {
  assert.equal(
    requestCode(REF, 'infer', 'To test it.', 14),
    'import workbench as wb\n' +
      `wb.request_access("${REF}", right="infer", purpose="To test it.", days=14)`
  );
});

test('a request snippet without a purpose shows where to write one', () => {
  assert.match(requestCode(REF, 'infer', '', 14), /purpose="…"/);
});

test('a hostile name stays one text: Python sees the same statements and calls', () => {
  const plain = readByPython(openCode(REF, 'retrieve')).shape;
  for (const name of HOSTILE) {
    const read = readByPython(openCode(name, 'retrieve'));
    assert.deepEqual(read.shape, plain, JSON.stringify(name));
    assert.deepEqual(read.texts, [name]);
  }
});

test('a hostile purpose or right stays one text in a request snippet', () => {
  const plain = readByPython(requestCode(REF, 'infer', 'x', 1)).shape;
  for (const text of HOSTILE) {
    const read = readByPython(requestCode(REF, text as Right, text, 1));
    assert.deepEqual(read.shape, plain, JSON.stringify(text));
    assert.deepEqual(read.texts, [REF, text, text]);
  }
});

test('days that are no number ask for the usual two weeks instead of breaking the line', () => {
  for (const days of [Number.NaN, Infinity, -1, 0, 2.5]) {
    assert.match(requestCode(REF, 'infer', 'x', days), /days=14\)$/);
  }
});
