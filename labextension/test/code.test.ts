import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { SHARE_CODE, troubleOf } from '../src/share/code';

test('the Share code is one expression and binds no name in the notebook', () => {
  const program =
    'import ast, sys\n' +
    'tree = ast.parse(sys.stdin.read())\n' +
    'assert [type(n).__name__ for n in tree.body] == ["Expr"], tree.body\n' +
    'stored = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)]\n' +
    'assert not stored, stored';
  const done = spawnSync('python3', ['-c', program], { input: SHARE_CODE });
  assert.equal(done.status, 0, String(done.stderr));
});

test('a missing or foreign package is told apart from a failure', () => {
  const missing = "No module named 'workbench'";
  const foreign = "module 'workbench' has no attribute 'share'";
  assert.equal(troubleOf('ModuleNotFoundError', missing), 'no-package');
  assert.equal(troubleOf('AttributeError', foreign), 'no-package');
  assert.equal(
    troubleOf('ModuleNotFoundError', "No module named 'sklearn'"),
    'failed'
  );
  assert.equal(troubleOf('Denied', 'no attribute'), 'failed');
});
