import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  leastSeen,
  LEAST,
  logScale,
  nearest,
  readAt,
  stairs,
  stops,
  strongestOf
} from '../src/checks/curve';
import { fieldOf, rocGlance, rocShapes, rocSvg } from '../src/checks/roc';
import type { Shape } from '../src/checks/shapes';
import { elementOf, svgOf } from '../src/checks/shapes';
import { attack, leakage } from './inspected';
import { trans } from './support';

const SIZE = { width: 560, height: 330 };

const close = (one: number, other: number): void =>
  assert.ok(Math.abs(one - other) < 1e-9, `${one} is not ${other}`);

const parts = (shapes: Shape[], part: Shape['part']): Shape[] =>
  shapes.filter(shape => shape.part === part);

/** The corners of the first path of a part. */
function corners(shapes: Shape[], part: Shape['part']): [number, number][] {
  const path = parts(shapes, part)[0];
  assert.ok(path.kind === 'path');
  return [...path.d.matchAll(/[ML](\S+) ([^ML]+)/g)].map(
    ([, x, y]): [number, number] => [Number(x), Number(y)]
  );
}

/** Numbers that look random and are the same each time. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (state * 48271) % 2147483647;
    yield state / 2147483647;
  }
}

test('a scale has equal room for each power of ten, and keeps to its ends', () => {
  const { place, share } = logScale(100, 400);
  for (const [given, at] of [
    [1e-3, 100],
    [1e-2, 200],
    [1e-1, 300],
    [1, 400],
    [0, 100],
    [-1, 100],
    [1e-9, 100],
    [7, 400],
    [NaN, 100]
  ]) {
    close(place(given), at);
  }
  close(share(100), 1e-3);
  close(share(300), 0.1);
  close(share(-50), 1e-3);
  close(share(5000), 1);
  const random = numbers(7);
  for (let turn = 0; turn < 200; turn += 1) {
    const given = 10 ** (-3 * random.next().value);
    close(share(place(given)) / given, 1);
  }
});

test('a scale may run upwards', () => {
  const { place, share } = logScale(300, 0);
  close(place(0.1), 100);
  close(share(100), 0.1);
});

test('what so few strangers cannot show begins below one of them', () => {
  assert.equal(leastSeen(200), 0.005);
  assert.equal(leastSeen(50_000), LEAST);
  assert.equal(leastSeen(1), 1);
  assert.equal(leastSeen(0), 1);
});

test('a curve is read at the highest point that costs no more false alarms', () => {
  const { curve } = attack();
  assert.equal(readAt(curve, 0.001), 0.08);
  assert.equal(readAt(curve, 0.01), 0.2);
  assert.equal(readAt(curve, 0.099), 0.2);
  assert.equal(readAt(curve, 1), 1);
  assert.equal(readAt([], 1), 0);
  assert.equal(readAt([[0.003333, 0.5]], 1 / 300), 0.5, 'rates are rounded');
});

test('stairs start where the sample does, never fall, and end at all', () => {
  const random = numbers(11);
  for (let turn = 0; turn < 100; turn += 1) {
    const curve = Array.from({ length: 12 }, (): [number, number] => [
      random.next().value,
      random.next().value
    ]);
    const found = stairs(curve, 0.005);
    assert.equal(found[0][0], 0.005);
    assert.equal(found[found.length - 1][0], 1);
    found.slice(1).forEach(([wrong, right], at) => {
      const [before, height] = found[at];
      assert.ok(wrong >= before && right >= height);
      assert.ok(wrong === before || right === height, 'only right and up');
    });
    for (const at of [0.005, 0.1, 0.5, 1]) {
      const under = found.filter(([wrong]) => wrong <= at * (1 + 1e-3));
      assert.equal(under[under.length - 1][1], readAt(curve, at));
    }
  }
});

test('the attack brought out is the best at few false alarms, if that is known', () => {
  assert.equal(strongestOf(leakage())?.method, 'ratio');
  const { strongest } = leakage();
  assert.ok(strongest);
  const rate = { ...strongest.rate, value: null, interval: null };
  const unknown = leakage({ strongest: { ...strongest, rate } });
  assert.equal(strongestOf(unknown)?.method, 'loss');
  assert.equal(strongestOf(leakage({ attacks: [], strongest: null })), null);
});

test('the pointer reads the curve nearest to it', () => {
  const { attacks } = leakage();
  assert.equal(nearest(attacks, 0.01, 0.25), 'ratio');
  assert.equal(nearest(attacks, 0.01, 0.001), 'loss');
  assert.equal(nearest([attack({ curve: [] })], 0.01, 0.5), null);
});

test('the keyboard stops at round rates that the sample can show', () => {
  assert.deepEqual(stops(200), [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]);
  assert.equal(stops(1000)[0], 0.001);
  assert.deepEqual(stops(1), [1]);
});

test('no curve goes where the sample cannot show it, and none leaves the field', () => {
  const field = fieldOf(SIZE);
  const shapes = rocShapes(leakage(), SIZE, trans);
  const [shade] = parts(shapes, 'unseen');
  assert.ok(shade.kind === 'rect' && shade.width > 0);
  const ends = shade.x + shade.width;
  close(ends, field.x.place(1 / 200));
  for (const part of ['best', 'curve'] as const) {
    for (const [x, y] of corners(shapes, part)) {
      assert.ok(x >= ends - 0.1 && x <= field.right + 0.1);
      assert.ok(y >= field.top - 0.1 && y <= field.bottom + 0.1);
    }
  }
});

test('with enough strangers nothing is shaded', () => {
  const shapes = rocShapes(leakage({ nonmembers: 4000 }), SIZE, trans);
  assert.equal(parts(shapes, 'unseen').length, 0);
  assert.ok(Math.abs(corners(shapes, 'best')[0][0] - fieldOf(SIZE).left) < 0.1);
});

test('a single stranger shows no curve at all', () => {
  const shapes = rocShapes(leakage({ nonmembers: 1 }), SIZE, trans);
  for (const part of ['best', 'curve', 'mark', 'name'] as const) {
    assert.equal(parts(shapes, part).length, 0);
  }
});

test('chance is the diagonal from corner to corner', () => {
  const { left, right, top, bottom } = fieldOf(SIZE);
  assert.deepEqual(corners(rocShapes(leakage(), SIZE, trans), 'chance'), [
    [left, bottom],
    [right, top]
  ]);
});

test('known rates have a whisker; an end below the picture has no cap', () => {
  const shapes = rocShapes(leakage(), SIZE, trans);
  assert.equal(parts(shapes, 'mark').length, 2);
  const flat = parts(shapes, 'whisker').filter(
    shape => shape.kind === 'line' && shape.y1 === shape.y2
  );
  assert.equal(flat.length, 3, 'two caps at 10 %, one at 1 %');
});

test('one name, of the strongest, within the picture', () => {
  for (const value of [0.001, 0.2, 1]) {
    const curve: [number, number][] = [
      [0.005, value],
      [1, 1]
    ];
    const shapes = rocShapes(
      leakage({ attacks: [attack({ curve })] }),
      SIZE,
      trans
    );
    const names = parts(shapes, 'name');
    assert.equal(names.length, 1);
    const [name] = names;
    assert.ok(name.kind === 'text');
    assert.equal(name.text, 'ratio to other models');
    const { top, bottom } = fieldOf(SIZE);
    assert.ok(name.y > top && name.y < bottom, String(name.y));
  }
});

test('a curve that is read stands out beside the strongest', () => {
  const shapes = rocShapes(leakage(), SIZE, trans, 'loss');
  assert.equal(parts(shapes, 'read').length, 1);
  assert.equal(parts(shapes, 'best').length, 1);
  assert.equal(parts(shapes, 'curve').length, 0);
});

test('no attack leaves only the axes', () => {
  const none = leakage({ attacks: [], strongest: null });
  const shapes = rocShapes(none, SIZE, trans);
  assert.equal(parts(shapes, 'best').length + parts(shapes, 'curve').length, 0);
  assert.match(rocSvg(none, SIZE), /No attack could be carried out/);
  assert.equal(parts(rocGlance(none, SIZE), 'best').length, 0);
});

test('the text of the picture stands by itself and says what it shows', () => {
  const svg = rocSvg(leakage(), SIZE);
  assert.match(
    svg,
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="560"/
  );
  assert.match(svg, /role="img" aria-label="With 1\u00a0% of the strangers/);
  assert.match(svg, /var\(--jp-brand-color1, #1976d2\)/);
  assert.match(svg, /text-anchor="middle"/);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity|<script|textAnchor/);
});

test('words in a picture are text, whatever is in them', () => {
  const svg = svgOf(
    [
      {
        kind: 'text',
        part: 'tick',
        x: NaN,
        y: Infinity,
        text: '</text><script>&',
        anchor: 'start'
      }
    ],
    SIZE,
    '"><b>'
  );
  assert.match(svg, /&lt;\/text&gt;&lt;script&gt;&amp;/);
  assert.match(svg, /aria-label="&quot;&gt;&lt;b&gt;"/);
  assert.match(svg, /x="0" y="0"/);
});

test('the page draws the same shapes as the text has', () => {
  const shapes = rocShapes(leakage(), SIZE, trans);
  const svg = rocSvg(leakage(), SIZE, trans);
  const tags = shapes.map(shape => elementOf(shape).tag);
  const written = [...svg.matchAll(/<(line|rect|circle|path|text) /g)].map(
    found => found[1]
  );
  assert.deepEqual(written, tags);
});
