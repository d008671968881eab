import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { IMarkedCopy, IWhose, IWhoseFile } from '../src/answers';
import { headline } from '../src/whose';
import { REF, trans } from './support';

function whose(verdict: IWhose['verdict'], ...names: string[]): IWhose {
  const named = names.map(name => ({ name }) as IMarkedCopy);
  return { verdict, files: [{ named } as IWhoseFile] };
}

test('the answer is one line', () => {
  const said = (answer: IWhose) => headline(answer, REF, trans);
  assert.equal(
    said(whose('named', 'Noor')),
    'It is Noor’s copy of readmission 1.0'
  );
  assert.equal(
    said(whose('named', 'Noor', 'Omar')),
    'It was made of the copies of Noor, Omar'
  );
  assert.equal(said(whose('nobody')), 'It carries nobody’s mark');
  assert.equal(said(whose('unclear')), 'It is unclear whose copy it is');
});

test('several files of one person are one copy', () => {
  const answer = whose('named', 'Noor');
  answer.files.push(...whose('named', 'Noor').files);
  assert.match(headline(answer, REF, trans), /^It is Noor’s copy/);
});
