import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { IShown } from '../src/graph/collapse';
import { CHUNK, collapse, LIMIT } from '../src/graph/collapse';
import type { INet } from '../src/graph/net';
import { netOf } from '../src/graph/net';
import { wayToFocus } from '../src/graph/near';
import type { IGraph } from '../src/graph/types';
import { edge, grown, lineage, node, SMALL } from './lineages';

/** Whether the drawn edges go round, by taking away what nothing leads to, again and again. */
function goesRound(shown: IShown): boolean {
  let left = shown.bundles;
  for (;;) {
    const heads = new Set(left.map(({ to }) => to));
    const next = left.filter(({ from }) => heads.has(from));
    if (next.length === left.length) {
      return next.length > 0;
    }
    left = next;
  }
}

/** What has to hold for every picture of every lineage. */
function sound(net: INet, shown: IShown, limit = LIMIT): void {
  assert.ok(shown.items.length <= limit, `${shown.items.length} things`);
  const members = shown.items.flatMap(item => item.members);
  assert.equal(members.length, net.nodes.length, 'each node is somewhere');
  assert.equal(new Set(members).size, members.length, 'and only there');
  assert.equal(
    new Set(shown.items.map(({ key }) => key)).size,
    shown.items.length
  );
  shown.items.forEach((item, index) => {
    assert.ok(item.members.every(each => shown.where[each] === index));
    assert.equal(item.node, item.members.length === 1 ? item.members[0] : -1);
  });
  const inside = net.edges.filter(
    (_, each) => shown.where[net.tail[each]] === shown.where[net.head[each]]
  );
  const drawn = shown.bundles.flatMap(({ edges }) => edges);
  assert.equal(drawn.length + inside.length, net.edges.length);
  assert.equal(goesRound(shown), false, 'it goes round in a circle');
  if (net.focus >= 0) {
    assert.equal(shown.items[shown.where[net.focus]].node, net.focus);
  }
}

test('a small lineage is drawn whole', () => {
  const net = netOf(SMALL);
  const shown = collapse(net);
  sound(net, shown);
  assert.equal(shown.items.length, 6);
  assert.ok(shown.items.every(item => item.node >= 0));
  assert.equal(shown.bundles.length, 5);
});

test('of 10,000 nodes and 40,000 edges at most 200 things are drawn', () => {
  const net = netOf(grown(10_000, 40_000));
  assert.equal(net.edges.length, 40_000);
  const shown = collapse(net);
  sound(net, shown);
  assert.ok(shown.items.length > LIMIT / 2, 'it should show what it can');
  // What is handed to the layout is bounded by the things drawn, not by the lineage.
  assert.ok(shown.bundles.length < (LIMIT * (LIMIT - 1)) / 2);
  assert.ok(shown.bundles.length < net.edges.length / 10);
});

test('whatever the lineage and whatever is asked for, the picture is sound', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const count = 2 + ((seed * 37) % 400);
    const net = netOf(grown(count, Math.floor(count * (1 + (seed % 5))), seed));
    const limit = [6, 20, 60, 200][seed % 4];
    const wanted = net.nodes
      .map((_, index) => index)
      .filter(index => (index * seed) % 11 === 0);
    sound(net, collapse(net, [], limit), limit);
    sound(net, collapse(net, wanted, limit), limit);
  }
});

test('a long chain and a wide fan are within the limit, too', () => {
  const names = Array.from({ length: 3000 }, (_, index) => `n${index}`);
  const chain = lineage(
    names.map(name => node(name, 'step')),
    names.slice(1).map((name, index) => edge(names[index], name)),
    'n2999'
  );
  // No two of these are between the same neighbours.
  const fan = lineage(
    [...names.map(name => node(name, 'source')), node('end', 'model')],
    names.flatMap((name, index) => [
      edge(name, 'end'),
      ...(index > 0 ? [edge(names[index - 1], name)] : [])
    ]),
    'end'
  );
  for (const graph of [chain, fan]) {
    const net = netOf(graph);
    sound(net, collapse(net));
    sound(net, collapse(net, [], 7), 7);
  }
});

test('what was asked for is drawn by itself, the way to it as well', () => {
  const net = netOf(grown(5000, 12_000, 3));
  const shown = collapse(net);
  const hidden = net.nodes.findIndex(
    (_, index) => shown.items[shown.where[index]].node < 0
  );
  const way = wayToFocus(net, hidden).slice(0, CHUNK);
  assert.equal(way[0], hidden);
  const again = collapse(net, way.slice().reverse());
  sound(net, again);
  assert.ok(way.every(each => again.items[again.where[each]].node === each));
});

test('files that one cell read, all alike, are a few and a group', () => {
  const names = Array.from({ length: 100 }, (_, index) => `${index}.csv`);
  const graph = lineage(
    [...names.map(name => node(name, 'source')), node('In [1]', 'step')],
    names.map(name => edge(name, 'In [1]', 'read')),
    'In [1]'
  );
  const net = netOf(graph);
  const shown = collapse(net);
  sound(net, shown);
  const groups = shown.items.filter(item => item.node < 0);
  assert.equal(groups.length, 1);
  assert.equal(groups[0].members.length, 88);
  assert.ok(groups[0].members.every(each => net.nodes[each].kind === 'source'));
});

test('the sources a model came of are drawn, however far they are', () => {
  const steps = Array.from({ length: 1500 }, (_, index) => `s${index}`);
  const graph = lineage(
    [
      node('far.csv', 'source'),
      ...steps.map(name => node(name, 'step')),
      node('clf', 'model')
    ],
    ['far.csv', ...steps].map((name, index) =>
      edge(name, steps[index] ?? 'clf')
    ),
    'clf'
  );
  const net = netOf(graph);
  const shown = collapse(net);
  sound(net, shown);
  assert.equal(shown.items[shown.where[0]].node, 0);
});

test('nothing, one node, and nodes without edges can be drawn', () => {
  const graphs: IGraph[] = [
    lineage([], []),
    lineage([node('a')], []),
    lineage([node('a'), node('b')], [], 'b')
  ];
  for (const graph of graphs) {
    const net = netOf(graph);
    const shown = collapse(net);
    sound(net, shown);
    assert.equal(shown.items.length, graph.nodes.length);
  }
});
