import assert from 'node:assert/strict';
import { test } from 'node:test';

import { edgesAt, netOf, reach, weakest } from '../src/graph/net';
import { byNearness, wayToFocus } from '../src/graph/near';
import { collapse } from '../src/graph/collapse';
import { lit, pathOf } from '../src/graph/paths';
import { graphOf } from '../src/graph/types';
import { edge, grown, lineage, node, SMALL } from './lineages';

const net = netOf(SMALL);
const id = (name: string) => net.at.get(name) ?? -1;
const names = (nodes: Iterable<number>) =>
  [...nodes].map(each => net.nodes[each].id).sort();
const ones = (marks: Uint8Array) =>
  [...marks.keys()].filter(each => marks[each] === 1);

test('each node knows its edges on both sides', () => {
  for (const graph of [SMALL, grown(300, 900, 5)]) {
    const big = netOf(graph);
    big.nodes.forEach((each, index) => {
      const outs = [...edgesAt(big.outs, index)].map(at => big.edges[at]);
      const ins = [...edgesAt(big.ins, index)].map(at => big.edges[at]);
      const has = (end: 'source' | 'target') =>
        graph.edges.filter(one => one[end] === each.id);
      assert.deepEqual(outs, has('source'));
      assert.deepEqual(ins, has('target'));
    });
  }
});

test('edges to nowhere and to itself are left out, not followed', () => {
  const odd = netOf(
    lineage([node('a')], [edge('a', 'gone'), edge('gone', 'a'), edge('a', 'a')])
  );
  assert.equal(odd.edges.length, 0);
});

test('the order leads onwards, and a circle does not hang it', () => {
  const big = netOf(grown(500, 2000, 9));
  const place = new Map([...big.order].map((each, index) => [each, index]));
  big.edges.forEach((_, at) => {
    assert.ok((place.get(big.tail[at]) ?? 0) < (place.get(big.head[at]) ?? 0));
  });
  const round = netOf(
    lineage([node('a'), node('b')], [edge('a', 'b'), edge('b', 'a')])
  );
  assert.equal(new Set(round.order).size, 2);
});

test('a lineage is about its target, else about its release or model', () => {
  assert.equal(net.focus, id('clf'));
  const focus = (target: string | null, ...kinds: string[]) =>
    netOf(
      lineage(
        kinds.map((kind, index) => node(`${kind}${index}`, kind as 'data')),
        [],
        target
      )
    ).focus;
  assert.equal(focus(null, 'release', 'model', 'data'), 0);
  assert.equal(focus(null, 'data', 'model', 'data'), 1);
  assert.equal(focus('gone', 'data', 'data'), 1);
  assert.equal(focus(null), -1);
});

test('what something came of is all that leads to it, and no more', () => {
  assert.deepEqual(names(ones(reach(net, [id('df')], 'up'))), [
    'In [1]',
    'df',
    'patients.csv'
  ]);
  assert.deepEqual(names(ones(reach(net, [id('In [2]')], 'down'))), [
    'In [2]',
    'clf'
  ]);
});

test('the path of a model leads back to all its sources', () => {
  const path = pathOf(net, id('clf'));
  assert.equal(ones(path.nodes).length, 6);
  assert.deepEqual(names(path.sources), ['labels.csv', 'patients.csv']);
});

test('the path of data leaves out what came in later, edges included', () => {
  const shown = collapse(net);
  const { items, bundles } = lit(net, shown, pathOf(net, id('df')));
  const on = shown.items.filter((_, index) => items[index]);
  assert.deepEqual(names(on.map(item => item.node)), [
    'In [1]',
    'df',
    'patients.csv'
  ]);
  assert.equal(bundles.filter(Boolean).length, 2);
});

test('the path of a source leads on to what came of it', () => {
  const path = pathOf(net, id('labels.csv'));
  assert.deepEqual(names(ones(path.nodes)), ['In [2]', 'clf', 'labels.csv']);
  assert.deepEqual(path.sources, []);
});

test('near means few steps, and the subject is nearest', () => {
  const near = byNearness(net);
  assert.equal(near[0], id('clf'));
  assert.equal(new Set(near).size, 6);
  assert.ok(near.indexOf(id('In [2]')) < near.indexOf(id('In [1]')));
});

test('a way to the subject starts where it is asked for and follows edges', () => {
  const big = netOf(grown(400, 900, 4));
  const way = wayToFocus(big, 0);
  assert.equal(way[0], 0);
  assert.equal(way[way.length - 1], big.focus);
  way.slice(1).forEach((each, index) => {
    const before = way[index];
    const joined = big.edges.some(
      (_, at) =>
        (big.tail[at] === before && big.head[at] === each) ||
        (big.tail[at] === each && big.head[at] === before)
    );
    assert.ok(joined, `${before} and ${each} are no neighbours`);
  });
  assert.deepEqual(
    wayToFocus(netOf(lineage([node('a'), node('b')], [])), 0),
    [0]
  );
});

test('edges drawn as one are known as well as the weakest', () => {
  assert.equal(weakest(['observed', 'inferred', 'resolved']), 'inferred');
  assert.equal(weakest(['observed']), 'observed');
});

test('JSON is read with care: what is missing is empty, what is no lineage is none', () => {
  assert.deepEqual(graphOf(JSON.parse(JSON.stringify(SMALL))), SMALL);
  for (const bad of [null, 7, 'x', [], {}, { nodes: 'x' }]) {
    assert.equal(graphOf(bad), null);
  }
  const bare = graphOf({ nodes: [{ id: 'a', kind: 'data' }], edges: [{}] });
  assert.deepEqual(bare?.nodes[0], node('a'));
  assert.equal(
    bare?.edges[0].mark,
    'inferred',
    'what is not said is not claimed'
  );
  assert.deepEqual(netOf(bare ?? SMALL).edges, []);
});
