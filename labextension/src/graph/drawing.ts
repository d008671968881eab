/** The drawing of one lineage: collapsed, placed, drawn, walked through with keys. */
import type { Aside } from './aside';
import type { Camera } from './camera';
import type { IItem, IShown } from './collapse';
import { CHUNK, collapse } from './collapse';
import type { ILook, IScene } from './draw';
import { draw, mark } from './draw';
import { facesOf } from './faces';
import type { Arrow } from './keys';
import { stepFrom } from './keys';
import type { IBox, ILayout } from './layout';
import { measureIn } from './measure';
import { wayToFocus } from './near';
import type { Teller } from './tell';

/** So many far nodes stay drawn because they were asked for. */
const MOST_WANTED = 120;

interface IDrawn {
  shown: IShown;
  layout: ILayout;
  scene: IScene;
}

export class Drawing {
  private tell: Teller | null = null;
  private drawn: IDrawn | null = null;
  /** Nodes that are drawn however far they are, the last asked for last. */
  private wanted: number[] = [];
  /** The item the keyboard is at, by key. */
  private at: string | null = null;
  /** Grows with each drawing; the layout of an earlier one is dropped. */
  private round = 0;

  constructor(
    private readonly stage: SVGSVGElement,
    private readonly camera: Camera,
    private readonly aside: Aside,
    /** Called after each drawing. */
    private readonly after: () => void
  ) {}

  get current(): IDrawn | null {
    return this.drawn;
  }

  /** Whether far nodes were asked for. */
  get grown(): boolean {
    return this.wanted.length > 0;
  }

  /** How many nodes are drawn by themselves. */
  get alone(): number {
    const items = this.drawn?.shown.items ?? [];
    return items.filter(({ node }) => node >= 0).length;
  }

  open(tell: Teller | null): Promise<void> {
    this.round += 1;
    this.tell = tell;
    this.drawn = null;
    this.stage.replaceChildren();
    return this.restart();
  }

  /** As it was at first. */
  restart(): Promise<void> {
    this.wanted = [];
    this.at = null;
    return this.arrange();
  }

  /** Collapse, place, draw. What `stay` names keeps its place, else the view starts anew. */
  private async arrange(stay?: { before: IBox; node: number }): Promise<void> {
    const { tell } = this;
    if (tell === null) {
      return;
    }
    this.round += 1;
    const { round } = this;
    const { net, words } = tell;
    const shown = collapse(net, this.wanted);
    const faces = facesOf(net, shown, words, measureIn(this.stage));
    const layout = await this.aside.lay({
      sizes: faces.map(({ width, height }) => [width, height]),
      edges: shown.bundles.map(({ from, to }) => [from, to])
    });
    if (round !== this.round) {
      return;
    }
    const focused = this.stage.contains(document.activeElement);
    const scene = draw(shown, layout, faces, tell);
    this.drawn = { shown, layout, scene };
    this.stage.replaceChildren(scene.root);
    const home = layout.boxes[shown.where[net.focus]] ?? null;
    const kept = stay && {
      before: stay.before,
      after: layout.boxes[shown.where[stay.node]]
    };
    this.camera.show(scene.root, layout, home, kept ?? null);
    this.rove(focused);
    this.after();
  }

  /** Draws a node by itself, with the way from it to the subject, and brings it into view. */
  async bring(node: number): Promise<void> {
    const { tell, drawn } = this;
    if (tell === null) {
      return;
    }
    this.at = `node ${tell.net.nodes[node].id}`;
    const item = drawn?.shown.where[node] ?? -1;
    if (drawn === null || drawn.shown.items[item].node < 0) {
      this.want(wayToFocus(tell.net, node).slice(0, CHUNK).reverse());
      const before = drawn?.layout.boxes[item];
      await this.arrange(before && { before, node });
    } else {
      this.rove(false);
    }
    this.revealNode(node);
  }

  /** Some nodes into the middle. */
  private showAll(nodes: readonly number[]): void {
    const { drawn } = this;
    if (drawn) {
      const boxes = nodes.map(
        node => drawn.layout.boxes[drawn.shown.where[node]]
      );
      const x = Math.min(...boxes.map(box => box.x));
      const y = Math.min(...boxes.map(box => box.y));
      const right = Math.max(...boxes.map(box => box.x + box.width));
      const bottom = Math.max(...boxes.map(box => box.y + box.height));
      this.camera.centre({ x, y, width: right - x, height: bottom - y });
    }
  }

  private revealNode(node: number): void {
    const { drawn } = this;
    if (drawn) {
      this.camera.reveal(drawn.layout.boxes[drawn.shown.where[node]]);
    }
  }

  /** Draws what is nearest of a group; returns how many, and the group that is left. */
  async expand(item: IItem): Promise<{ out: number; left: IItem | null }> {
    const { tell, drawn } = this;
    const out = item.members.slice(0, CHUNK);
    if (tell !== null && drawn !== null) {
      const [first] = out;
      this.want(out.slice().reverse());
      this.at = `node ${tell.net.nodes[first].id}`;
      const before = drawn.layout.boxes[drawn.shown.where[first]];
      await this.arrange({ before, node: first });
      this.showAll(out);
    }
    const next = item.members[CHUNK];
    const { items = [], where } = this.drawn?.shown ?? {};
    const rest =
      next === undefined ? null : (items[where?.[next] ?? -1] ?? null);
    return { out: out.length, left: rest && rest.node < 0 ? rest : null };
  }

  private want(nodes: readonly number[]): void {
    const fresh = new Set(nodes);
    const before = this.wanted.filter(node => !fresh.has(node));
    this.wanted = [...before, ...nodes].slice(-MOST_WANTED);
  }

  mark(look: ILook): void {
    if (this.drawn && this.tell) {
      mark(this.drawn.scene, this.tell.net, this.drawn.shown, look);
    }
  }

  // The keyboard ------------------------------------------------------------------------------

  /** The item an event happened on; null beside all of them. */
  itemOf(event: Event): IItem | null {
    const node = (event.target as Element).closest<SVGElement>('[data-key]');
    const key = node?.dataset.key;
    return this.drawn?.shown.items.find(item => item.key === key) ?? null;
  }

  /** The item the keyboard is at. */
  get here(): IItem | null {
    return this.drawn?.shown.items.find(({ key }) => key === this.at) ?? null;
  }

  /** The keyboard came to an item, or a click did. */
  arrived(item: IItem, byKey: boolean): void {
    this.at = item.key;
    this.rove(false);
    const { drawn } = this;
    if (byKey && drawn) {
      this.camera.reveal(drawn.layout.boxes[drawn.shown.items.indexOf(item)]);
    }
  }

  /** Along an edge or within a column; false where nothing is. */
  step(key: Arrow): boolean {
    const { drawn, here } = this;
    if (drawn === null || here === null) {
      return false;
    }
    const at = drawn.shown.items.indexOf(here);
    const next = stepFrom(drawn.shown, drawn.layout, at, key);
    if (next === null) {
      return false;
    }
    drawn.scene.nodes[next].focus({ preventScroll: true });
    return true;
  }

  /** To the subject. */
  goHome(): void {
    const { drawn, tell } = this;
    if (drawn && tell) {
      const home = drawn.shown.where[tell.net.focus];
      drawn.scene.nodes[home].focus({ preventScroll: true });
    }
  }

  /** Which one element of the drawing the Tab key reaches. */
  private rove(focus: boolean): void {
    const { drawn, tell } = this;
    if (drawn === null || tell === null) {
      return;
    }
    const { items, where } = drawn.shown;
    let at = items.findIndex(({ key }) => key === this.at);
    if (at < 0) {
      at = where[tell.net.focus];
    }
    this.at = items[at].key;
    drawn.scene.nodes.forEach((node, index) =>
      node.setAttribute('tabindex', index === at ? '0' : '-1')
    );
    if (focus) {
      drawn.scene.nodes[at].focus({ preventScroll: true });
    }
  }
}
