import assert from 'node:assert/strict';
import { test } from 'node:test';

import { collapse } from '../src/graph/collapse';
import { facesOf, guess } from '../src/graph/faces';
import type { Arrow } from '../src/graph/keys';
import { stepFrom } from '../src/graph/keys';
import type { ILayout, ILayoutInput, ISlot } from '../src/graph/layout';
import { columnsOf, layOut } from '../src/graph/layout';
import { netOf } from '../src/graph/net';
import { crossings } from '../src/graph/order';
import { GraphWords } from '../src/graph/words';
import { chance, grown, SMALL } from './lineages';
import { trans } from './support';

const words = new GraphWords(trans);

function inputOf(count: number, edges: number, seed: number): ILayoutInput {
  const random = chance(seed);
  const net = netOf(grown(count, edges, seed));
  return {
    sizes: net.nodes.map(() => [80 + random() * 120, 30 + random() * 40]),
    edges: net.edges.map((_, at) => [net.tail[at], net.head[at]])
  };
}

/** What has to hold for every layout. */
function sound(input: ILayoutInput, layout: ILayout): void {
  const { boxes, routes, columns } = layout;
  assert.equal(boxes.length, input.sizes.length);
  boxes.forEach((one, index) => {
    assert.deepEqual([one.width, one.height], input.sizes[index]);
    assert.ok(one.x >= 0 && one.y >= 0, 'nothing is left of or above the rest');
    assert.ok(one.x + one.width <= layout.width + 1e-6);
    assert.ok(one.y + one.height <= layout.height + 1e-6);
    for (const other of boxes.slice(index + 1)) {
      const apart =
        one.x + one.width <= other.x + 1e-6 ||
        other.x + other.width <= one.x + 1e-6 ||
        one.y + one.height <= other.y + 1e-6 ||
        other.y + other.height <= one.y + 1e-6;
      assert.ok(apart, 'a box lies on another');
    }
  });
  input.edges.forEach(([from, to], index) => {
    const route = routes[index];
    assert.ok(boxes[from].x + boxes[from].width <= boxes[to].x, 'to the right');
    assert.equal(route[0], boxes[from].x + boxes[from].width);
    assert.equal(route[route.length - 2], boxes[to].x);
    for (let at = 2; at < route.length; at += 2) {
      assert.ok(route[at] >= route[at - 2], 'an edge never turns back');
    }
  });
  assert.deepEqual(
    columns.flat().sort((one, other) => one - other),
    boxes.map((_, index) => index)
  );
}

test('boxes never lie on each other, and edges lead to the right', () => {
  for (let seed = 1; seed <= 25; seed += 1) {
    const count = 2 + ((seed * 13) % 90);
    const input = inputOf(count, count + (seed % 3) * count, seed);
    sound(input, layOut(input));
  }
});

test('the largest picture there is can be laid out', () => {
  const net = netOf(grown(10_000, 40_000));
  const shown = collapse(net);
  const faces = facesOf(net, shown, words, guess);
  const input: ILayoutInput = {
    sizes: faces.map(({ width, height }) => [width, height]),
    edges: shown.bundles.map(({ from, to }) => [from, to])
  };
  assert.ok(input.sizes.length <= 200);
  sound(input, layOut(input));
});

test('the same lineage is laid out the same way each time', () => {
  const input = inputOf(60, 120, 8);
  assert.deepEqual(layOut(input), layOut(input));
});

test('nothing at all, and boxes without edges, have a place', () => {
  assert.deepEqual(layOut({ sizes: [], edges: [] }).boxes, []);
  const loners: ILayoutInput = {
    sizes: Array.from({ length: 12 }, () => [100, 40]),
    edges: [[0, 1]]
  };
  sound(loners, layOut(loners));
});

test('a circle, which a lineage never has, still ends', () => {
  const layout = layOut({
    sizes: [
      [10, 10],
      [10, 10]
    ],
    edges: [
      [0, 1],
      [1, 0]
    ]
  });
  assert.equal(layout.routes.length, 2);
});

test('a column comes after all that lead to it, a source right before its reader', () => {
  const input = inputOf(120, 260, 5);
  const column = columnsOf(120, input.edges);
  for (const [from, to] of input.edges) {
    assert.ok(column[from] < column[to]);
  }
  // a → b → c → d, and s → d: s stands beside c, not beside a.
  assert.deepEqual(
    columnsOf(5, [
      [0, 1],
      [1, 2],
      [2, 3],
      [4, 3]
    ]),
    [0, 1, 2, 3, 2]
  );
});

test('crossings are counted as by looking at each pair of edges', () => {
  const random = chance(11);
  for (let round = 0; round < 30; round += 1) {
    const slots: ISlot[] = Array.from({ length: 16 }, (_, box) => ({
      box,
      column: box < 8 ? 0 : 1,
      height: 10,
      before: [],
      after: []
    }));
    const edges: [number, number][] = [];
    for (let from = 0; from < 8; from += 1) {
      for (let to = 8; to < 16; to += 1) {
        if (random() < 0.3) {
          edges.push([from, to]);
          slots[from].after.push(to);
          slots[to].before.push(from);
        }
      }
    }
    const rows = [0, 8].map(start =>
      Array.from({ length: 8 }, (_, at) => start + at)
    );
    const place = Int32Array.from(slots, (_, slot) => slot % 8);
    let pairs = 0;
    edges.forEach(([a, b], index) => {
      for (const [c, d] of edges.slice(index + 1)) {
        pairs += (a - c) * (b - d) < 0 ? 1 : 0;
      }
    });
    assert.equal(crossings(slots, rows, place), pairs);
  }
});

test('a tree is drawn without any crossing', () => {
  const edges: [number, number][] = [];
  for (let child = 1; child < 63; child += 1) {
    // Each comes of its parent, and children are numbered so that they start out of order.
    edges.push([Math.floor((child - 1) / 2), child]);
  }
  const order = edges.map((_, index) => (index * 29) % edges.length);
  const mixed = order.map(index => edges[index]);
  const layout = layOut({
    sizes: Array.from({ length: 63 }, () => [40, 20]),
    edges: mixed
  });
  const middle = (box: number) => layout.boxes[box].y;
  for (const [a, b] of mixed) {
    for (const [c, d] of mixed) {
      const beside = layout.boxes[a].x === layout.boxes[c].x && a !== c;
      if (beside) {
        assert.ok((middle(a) - middle(c)) * (middle(b) - middle(d)) > 0);
      }
    }
  }
});

test('arrow keys follow edges to the sides and columns up and down', () => {
  const net = netOf(SMALL);
  const shown = collapse(net);
  const faces = facesOf(net, shown, words, guess);
  const layout = layOut({
    sizes: faces.map(({ width, height }) => [width, height]),
    edges: shown.bundles.map(({ from, to }) => [from, to])
  });
  const item = (name: string) => shown.where[net.at.get(name) ?? -1];
  const to = (name: string, key: Arrow) => {
    const next = stepFrom(shown, layout, item(name), key);
    return next === null ? null : net.nodes[shown.items[next].node].id;
  };
  assert.equal(to('patients.csv', 'ArrowRight'), 'In [1]');
  assert.equal(to('clf', 'ArrowLeft'), 'In [2]');
  assert.equal(to('clf', 'ArrowRight'), null);
  assert.equal(to('patients.csv', 'ArrowLeft'), null);
  const beside = [to('df', 'ArrowUp'), to('df', 'ArrowDown')];
  assert.deepEqual(new Set(beside), new Set(['labels.csv', null]));
});
