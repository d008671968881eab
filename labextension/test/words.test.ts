import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { IRequest, RequestState } from '../src/tokens';
import {
  KINDS,
  orgOf,
  PURPOSES,
  RIGHTS,
  SENSITIVITIES,
  shortRef
} from '../src/words';
import { NOOR, request, words } from './support';

const SOURCES = join(process.cwd(), 'src');
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf-8' })
  .filter(name => /\.tsx?$/.test(name))
  .map(name => ({ name, text: readFileSync(join(SOURCES, name), 'utf-8') }));

test('every word a view can meet has a label and an explanation', () => {
  const said = [
    ...SENSITIVITIES.map(each => words.sensitivity(each)),
    ...(['passed', 'failed', 'unknown'] as const).map(each =>
      words.verdict(each)
    ),
    ...(['low', 'medium', 'high', 'unknown'] as const).map(each =>
      words.leakage(each)
    ),
    ...(['active', 'expired', 'revoked'] as const).map(each =>
      words.grant(each)
    ),
    ...(['published', 'deprecated', 'retired', 'withdrawn'] as const).map(
      each => words.release(each)
    ),
    ...PURPOSES.map(each => words.purpose(each))
  ];
  for (const word of said) {
    assert.ok(word.label && word.explain, JSON.stringify(word));
  }
  for (const right of RIGHTS) {
    const { gets, lacks } = words.right(right);
    assert.ok(gets && lacks);
  }
});

test('a word the server adds later is shown as it is', () => {
  const word = words.request('on_hold' as RequestState);
  assert.equal(word.label, 'on hold');
  assert.equal(words.kind('brand_new'), 'brand new');
  assert.equal(words.role('curator'), 'curator');
});

test('every kind in the log’s filter has its own words', () => {
  const said = KINDS.map(kind => words.kind(kind));
  assert.equal(new Set(said).size, KINDS.length);
});

test('whose turn it is depends on who looks', () => {
  const returned: IRequest = request({ owner: 'requester' });
  assert.equal(words.turn(returned, NOOR), 'your turn');
  assert.equal(words.turn(returned, null), "Noor's turn");
});

test('a release is called by its short name, also when it is written oddly', () => {
  const said: [string, string, string][] = [
    ['cardio-lab/readmission:1.0', 'readmission 1.0', 'cardio-lab'],
    ['readmission:1.0', 'readmission 1.0', ''],
    ['a/b', 'b', 'a'],
    ['', '', '']
  ];
  for (const [ref, short, org] of said) {
    assert.equal(shortRef(ref), short);
    assert.equal(orgOf(ref), org);
  }
});

test('ending a release names it in the question', () => {
  for (const verb of ['deprecate', 'retire', 'withdraw'] as const) {
    assert.match(words.verb(verb, 'readmission 1.0').title, /readmission 1\.0/);
  }
});

test('days are counted in words', () => {
  assert.equal(words.days(1), '1 day');
  assert.equal(words.days(14), '14 days');
});

/** Calls of `__` with a plain text, and how many arguments follow it. */
function* sentences(): Generator<{ at: string; text: string; given: number }> {
  const call = /\.__\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g;
  for (const { name, text } of files) {
    for (const found of text.matchAll(call)) {
      const rest = text.slice((found.index ?? 0) + found[0].length);
      yield { at: name, text: found[1], given: argumentsIn(rest) };
    }
  }
}

/** How many arguments follow up to the closing bracket. */
function argumentsIn(rest: string): number {
  let depth = 0;
  let count = 0;
  let quote = '';
  let filled = true; // until a comma says that something follows
  for (const sign of rest) {
    if (quote) {
      quote = sign === quote ? '' : quote;
    } else if ('\'"`'.includes(sign)) {
      quote = sign;
      filled = true;
    } else if ('([{'.includes(sign)) {
      depth += 1;
    } else if (')]}'.includes(sign)) {
      if (depth === 0) {
        return filled ? count : count - 1;
      }
      depth -= 1;
    } else if (sign === ',' && depth === 0) {
      count += 1;
      filled = false;
    } else if (sign.trim()) {
      filled = true;
    }
  }
  return count;
}

test('each sentence has as many places as it is given values', () => {
  let seen = 0;
  for (const { at, text, given } of sentences()) {
    const places = new Set(text.match(/%\d/g) ?? []).size;
    assert.equal(given, places, `${at}: ${text}`);
    seen += 1;
  }
  assert.ok(seen > 150, `only ${seen} sentences were found`);
});

test('words of the machinery stay out of sentences', () => {
  const jargon =
    /\b(DSSE|envelopes?|Merkle|checkpoints?|manifests?|in-toto)\b/i;
  for (const { at, text } of sentences()) {
    assert.doesNotMatch(text, jargon, at);
  }
});
