/** One lineage on screen: the drawing, what is chosen in it, what is looked for. */
import { Aside, workerFrom } from './aside';
import { Camera } from './camera';
import type { IItem } from './collapse';
import type { IActs } from './detail';
import { nodeDetail } from './detail';
import { Drawing } from './drawing';
import { kindsIn } from './faces';
import { Finding } from './finding';
import { Frame } from './frame';
import { groupDetail, overview } from './overview';
import type { Arrow } from './keys';
import { ARROWS } from './keys';
import { drawLegend } from './legend';
import type { IOptions } from './mount';
import { netOf } from './net';
import { pathOf } from './paths';
import { pictureOf, pixelsOf } from './picture';
import { saveByLink } from './saving';
import { Search } from './search';
import { drawTable } from './table';
import { Teller } from './tell';
import { Toolbar, ZOOM } from './toolbar';
import type { IGraph } from './types';
import { GraphWords } from './words';
import workerText from './worker.text';

export class GraphView {
  private readonly words: GraphWords;
  private readonly tools: Toolbar;
  private readonly frame: Frame;
  private readonly camera: Camera;
  private readonly drawing: Drawing;
  private readonly aside = new Aside(() => workerFrom(workerText));
  private readonly finding = new Finding();
  private readonly acts: IActs;
  private tell: Teller | null = null;
  private search: Search | null = null;
  /** The id of the chosen node; it may be chosen before it is drawn. */
  private chosen: string | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly options: IOptions
  ) {
    const { trans } = options;
    this.words = new GraphWords(trans);
    this.acts = {
      choose: node => this.choose(node),
      expand: item => void this.expand(item),
      clear: () => this.choose(null),
      openCell: options.openCell
    };
    this.tools = new Toolbar(
      {
        search: question => this.look(question),
        step: by => this.stepFound(by),
        zoom: factor => this.camera.zoom(factor),
        fit: () => this.camera.fitByHand(),
        reset: () => this.reset(),
        legend: () => this.frame.toggle('legend'),
        table: () => this.toggleTable(),
        save: kind => void this.save(kind)
      },
      trans
    );
    this.frame = new Frame(root, this.tools.element, trans);
    const { stage } = this.frame;
    this.camera = new Camera(stage, scale => this.tools.showScale(scale));
    this.drawing = new Drawing(stage, this.camera, this.aside, () =>
      this.drew()
    );
    stage.addEventListener('keydown', event => this.key(event));
    stage.addEventListener('click', event => this.click(event));
    stage.addEventListener('focusin', event => this.focused(event));
  }

  dispose(): void {
    void this.drawing.open(null);
    this.aside.dispose();
    this.camera.dispose();
  }

  update(graph: IGraph | null): void {
    const t = this.options.trans;
    this.forget();
    this.frame.showGaps(graph?.gaps ?? []);
    if (graph === null) {
      this.frame.enter('loading', t.__('Reading the lineage…'));
    } else if (graph.nodes.length === 0) {
      this.frame.enter(
        'empty',
        t.__(
          'No lineage was recorded. A notebook that starts with “%load_ext workbench” records it from then on.'
        )
      );
    } else {
      this.frame.enter('loading', t.__('Arranging the lineage…'));
      this.open(graph);
    }
  }

  fail(message: string): void {
    this.forget();
    this.frame.enter('failed', message);
  }

  /** Choose from outside: nobody is told of it. */
  select(id: string | null): void {
    if (id !== this.chosen) {
      this.chosen = id;
      this.showChosen();
      const node = this.chosenNode();
      if (node !== null && this.drawing.current) {
        void this.drawing.bring(node);
      }
    }
  }

  private open(graph: IGraph): void {
    const net = netOf(graph);
    this.tell = new Teller(net, this.words);
    this.search = new Search(net, kind => this.words.kind(kind));
    const kinds = kindsIn(net, [...net.nodes.keys()]).map(([kind]) => kind);
    this.frame.legend.replaceChildren(drawLegend(kinds, this.words));
    this.fillTable();
    this.showPane();
    void this.drawing.open(this.tell).then(() => {
      // Chosen before there was anything to choose from.
      const node = this.chosenNode();
      return node === null ? undefined : this.drawing.bring(node);
    });
  }

  private forget(): void {
    this.tell = null;
    this.search = null;
    void this.drawing.open(null);
    this.tools.clear();
    this.look('');
    this.tools.showCount(0, 0, false);
    this.frame.clear();
  }

  /** After each drawing. */
  private drew(): void {
    const { drawing, tell, frame } = this;
    frame.enter('drawn');
    frame.describe(this.options.name ?? '', drawing.alone);
    const all = tell?.net.nodes.length ?? 0;
    this.tools.showCount(drawing.alone, all, drawing.grown);
    this.showMarks();
  }

  // Choosing ----------------------------------------------------------------------------------

  private chosenNode(): number | null {
    return this.chosen === null
      ? null
      : (this.tell?.net.at.get(this.chosen) ?? null);
  }

  private choose(node: number | null): void {
    this.chosen =
      node === null ? null : (this.tell?.net.nodes[node].id ?? null);
    this.options.onSelect?.(this.chosen);
    this.showChosen();
    if (node !== null) {
      void this.drawing.bring(node);
    }
  }

  private showChosen(): void {
    this.showMarks();
    this.showPane();
    const node = this.chosenNode();
    if (node !== null && this.tell) {
      const { sources } = pathOf(this.tell.net, node);
      this.frame.say(
        this.options.trans._n(
          'Chosen; it leads back to %1 source.',
          'Chosen; it leads back to %1 sources.',
          sources.length
        )
      );
    }
  }

  /** Lights the way back to the sources, and what was found. */
  private showMarks(): void {
    const node = this.chosenNode();
    this.drawing.mark({
      path: node !== null && this.tell ? pathOf(this.tell.net, node) : null,
      chosen: node,
      found: this.finding.found
    });
  }

  private showPane(): void {
    const { tell, acts } = this;
    const node = this.chosenNode();
    if (tell !== null) {
      this.frame.fill(
        node === null
          ? overview(tell, acts)
          : nodeDetail(tell, node, pathOf(tell.net, node), acts)
      );
    }
  }

  private async expand(item: IItem): Promise<void> {
    const { trans } = this.options;
    this.chosen = null;
    const { out, left } = await this.drawing.expand(item);
    if (this.tell !== null) {
      this.frame.fill(
        left
          ? groupDetail(this.tell, left, this.acts)
          : overview(this.tell, this.acts)
      );
    }
    this.frame.say(
      left
        ? trans.__(
            '%1 shown, %2 more in a group.',
            String(out),
            String(left.members.length)
          )
        : trans.__('%1 shown.', String(out))
    );
  }

  private reset(): void {
    this.choose(null);
    void this.drawing.restart();
  }

  // Looking for something ---------------------------------------------------------------------

  private look(question: string): void {
    const { finding } = this;
    finding.look(this.search, question);
    this.tools.showFound(finding.found.length, finding.at, question);
    this.showMarks();
  }

  private stepFound(by: 1 | -1): void {
    const { finding } = this;
    const node = finding.step(by);
    if (node !== null) {
      this.tools.showFound(finding.found.length, finding.at, finding.question);
      this.choose(node);
    }
  }

  // Mouse and keys ----------------------------------------------------------------------------

  private click(event: Event): void {
    const item = this.drawing.itemOf(event);
    if (item) {
      this.act(item);
    } else if (this.chosen !== null) {
      this.choose(null);
    }
  }

  private act(item: IItem): void {
    if (item.node < 0) {
      void this.expand(item);
    } else {
      this.choose(item.node);
    }
  }

  private focused(event: FocusEvent): void {
    const item = this.drawing.itemOf(event);
    if (item) {
      const byKey = (event.target as Element).matches(':focus-visible');
      this.drawing.arrived(item, byKey);
    }
  }

  private key(event: KeyboardEvent): void {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (plain && this.drawing.current && this.keyed(event.key)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  /** Whether a key meant something here. */
  private keyed(key: string): boolean {
    if (ARROWS.includes(key)) {
      if (!this.drawing.step(key as Arrow)) {
        this.frame.say(
          this.options.trans.__('Nothing more in this direction.')
        );
      }
      return true;
    }
    const { here } = this.drawing;
    switch (key) {
      case 'Enter':
      case ' ':
        if (here) {
          this.act(here);
        }
        return true;
      case 'Home':
        this.drawing.goHome();
        return true;
      case '+':
      case '=':
        this.camera.zoom(ZOOM);
        return true;
      case '-':
        this.camera.zoom(1 / ZOOM);
        return true;
      case '0':
        this.camera.fitByHand();
        return true;
      case 'Escape':
        if (this.chosen !== null) {
          this.choose(null);
          return true;
        }
        return false;
      default:
        return false;
    }
  }

  // Table and pictures ------------------------------------------------------------------------

  private toggleTable(): boolean {
    const on = this.frame.toggle('table');
    this.fillTable();
    return on;
  }

  /** A table of thousands is made when it is asked for. */
  private fillTable(): void {
    const { table, stage } = this.frame;
    if (this.tell !== null && !table.hidden && !table.hasChildNodes()) {
      table.append(
        drawTable(this.tell, node => {
          this.choose(node);
          stage.scrollIntoView({ block: 'nearest' });
        })
      );
    }
  }

  private async save(kind: 'svg' | 'png'): Promise<void> {
    const { current } = this.drawing;
    if (current === null) {
      return;
    }
    const { name = '', themeRoot, saveFile = saveByLink, trans } = this.options;
    const { text, size } = pictureOf(
      current.scene.root,
      current.layout,
      trans.__('Lineage of %1', name),
      themeRoot ?? this.root,
      this.words
    );
    const safe = name.replace(/[^\w.-]+/g, '-');
    const file = `${['lineage', safe].filter(Boolean).join('-')}.${kind}`;
    try {
      const content =
        kind === 'svg'
          ? new Blob([text], { type: 'image/svg+xml' })
          : await pixelsOf(text, size);
      saveFile(file, content);
      this.frame.say(trans.__('Saved as %1.', file));
    } catch {
      this.frame.trouble(
        trans.__('The picture could not be made. Save it as SVG instead.')
      );
    }
  }
}
