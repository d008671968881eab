/** Draws what is shown as SVG: boxes by kind, edges by how they are known. */
import type { IShown } from './collapse';
import { svg } from './dom';
import type { IFace } from './faces';
import { SIGN, TEXT_LEFT } from './faces';
import type { IBox, ILayout } from './layout';
import {
  arrowhead,
  curve,
  inset,
  inside,
  KIND_ICONS,
  outline,
  SIGNS
} from './shapes';
import type { INet } from './net';
import type { IPath } from './paths';
import { lit } from './paths';
import type { Teller } from './tell';
import { markOf } from './tell';

export interface IScene {
  root: SVGGElement;
  /** One for each item, and one for each bundle of edges. */
  nodes: SVGGElement[];
  edges: SVGGElement[];
}

/** What stands out in a drawing. */
export interface ILook {
  /** The way back from what is chosen; all else fades. */
  path: IPath | null;
  /** Nodes. */
  chosen: number | null;
  found: readonly number[];
}

const ICON_LEFT = 13;
const LABEL_BASE = 19.5;
const NOTE_BASE = 35.5;

export function draw(
  shown: IShown,
  layout: ILayout,
  faces: readonly IFace[],
  tell: Teller
): IScene {
  const edges = shown.bundles.map((bundle, index) =>
    drawEdge(
      layout.routes[index],
      faces[bundle.from],
      faces[bundle.to],
      markOf(tell.net, bundle),
      tell.bundle(shown, bundle)
    )
  );
  const nodes = shown.items.map((item, index) => {
    const node = drawNode(faces[index], layout.boxes[index]);
    node.dataset.key = item.key;
    node.setAttribute('aria-label', tell.item(item));
    node.setAttribute(
      item.node < 0 ? 'aria-expanded' : 'aria-pressed',
      'false'
    );
    if (item.node >= 0 && item.node === tell.net.focus) {
      node.classList.add('wb-graph-target');
    }
    return node;
  });
  // In the order they are read: column by column.
  const ordered = layout.columns.flat().map(index => nodes[index]);
  const root = svg(
    'g',
    { class: 'wb-graph-scene' },
    svg('g', { class: 'wb-graph-edges', 'aria-hidden': 'true' }, ...edges),
    svg('g', { class: 'wb-graph-nodes' }, ...ordered)
  );
  return { root, nodes, edges };
}

function drawEdge(
  route: readonly number[],
  from: IFace,
  to: IFace,
  mark: string,
  title: string
): SVGGElement {
  const points = [...route];
  points[0] -= inset(from.kind, 'right');
  points[points.length - 2] += inset(to.kind, 'left');
  const [x, y] = points.slice(-2);
  // The line ends inside the head, so that dashes never leave it alone.
  const line = curve([...points.slice(0, -2), x - 6, y]);
  return svg(
    'g',
    { class: `wb-graph-edge wb-graph-${mark}` },
    svg('title', {}, title),
    svg('path', { class: 'wb-graph-hit', d: line }),
    svg('path', { class: 'wb-graph-line', d: line }),
    svg('path', { class: 'wb-graph-head', d: arrowhead(x, y) })
  );
}

function drawNode(face: IFace, box: IBox): SVGGElement {
  const { width, height } = box;
  const { kind } = face;
  const fold = inside(kind, width, height);
  return svg(
    'g',
    {
      class: `wb-graph-node wb-graph-kind-${kind}`,
      transform: `translate(${box.x} ${box.y})`,
      role: 'button',
      tabindex: '-1'
    },
    svg('title', {}, face.title),
    svg('rect', {
      class: 'wb-graph-ring',
      x: -5,
      y: -5,
      width: width + 10,
      height: height + 10,
      rx: 7
    }),
    svg('path', { class: 'wb-graph-outline', d: outline(kind, width, height) }),
    fold !== null && svg('path', { class: 'wb-graph-inside', d: fold }),
    svg('path', {
      class: 'wb-graph-sort',
      transform: `translate(${ICON_LEFT} ${height / 2 - 8})`,
      d: KIND_ICONS[kind] ?? KIND_ICONS.data
    }),
    svg(
      'text',
      { class: 'wb-graph-label', x: TEXT_LEFT, y: LABEL_BASE },
      face.label
    ),
    ...drawNote(face)
  );
}

function drawNote(face: IFace): SVGElement[] {
  if (face.sign === null) {
    return [
      svg(
        'text',
        { class: 'wb-graph-note', x: TEXT_LEFT, y: NOTE_BASE },
        face.note
      )
    ];
  }
  const left = TEXT_LEFT + SIGN;
  return [
    svg('path', {
      class: `wb-graph-sign wb-graph-${face.sign}`,
      transform: `translate(${TEXT_LEFT} ${NOTE_BASE - 10}) scale(0.7)`,
      d: SIGNS[face.sign]
    }),
    svg(
      'text',
      { class: 'wb-graph-note wb-graph-said', x: left, y: NOTE_BASE },
      face.note
    )
  ];
}

/** Lights what is on the way, fades the rest, rings what is chosen and found. */
export function mark(
  scene: IScene,
  net: INet,
  shown: IShown,
  look: ILook
): void {
  const { path, chosen, found } = look;
  const on = path && lit(net, shown, path);
  const chosenItem = chosen === null ? -1 : shown.where[chosen];
  const foundItems = new Set(found.map(node => shown.where[node]));
  scene.root.classList.toggle('wb-graph-has-path', on !== null);
  scene.nodes.forEach((node, index) => {
    const isChosen = index === chosenItem && shown.items[index].node >= 0;
    node.classList.toggle('wb-graph-lit', on?.items[index] === true);
    node.classList.toggle('wb-graph-chosen', isChosen);
    node.classList.toggle('wb-graph-hit-by', foundItems.has(index));
    if (shown.items[index].node >= 0) {
      node.setAttribute('aria-pressed', String(isChosen));
    }
  });
  scene.edges.forEach((edge, index) =>
    edge.classList.toggle('wb-graph-lit', on?.bundles[index] === true)
  );
}
