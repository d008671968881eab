/** What part of the drawing is seen: drag, ctrl and wheel, buttons. */
import type { IBox } from './layout';

const SMALLEST = 0.08;
const LARGEST = 3;
/** Below this, names cannot be read. */
const READABLE = 0.6;
const MARGIN = 28;
/** The subject stands this far from the right edge at most, so that what led to it is seen. */
const SUBJECT_FROM_RIGHT = 0.65;
/** Pixels a pointer may move within a click. */
const STILL = 4;

export interface ISize {
  width: number;
  height: number;
}

export class Camera {
  private scale = 1;
  private x = 0;
  private y = 0;
  /** Whether a person moved it; until then it follows the size of the page. */
  private moved = false;
  private content: ISize = { width: 0, height: 0 };
  private home: IBox | null = null;
  private scene: SVGGElement | null = null;
  private readonly observer: ResizeObserver | null;

  constructor(
    private readonly stage: SVGSVGElement,
    private readonly onScale: (scale: number) => void
  ) {
    stage.addEventListener('pointerdown', event => this.drag(event));
    stage.addEventListener('wheel', event => this.wheel(event), {
      passive: false
    });
    this.observer =
      typeof ResizeObserver === 'undefined'
        ? null
        : new ResizeObserver(() => this.resized());
    this.observer?.observe(stage);
  }

  dispose(): void {
    this.observer?.disconnect();
  }

  /** A new drawing; `home` is the box of its subject. The view stays where `kept` was. */
  show(
    scene: SVGGElement,
    content: ISize,
    home: IBox | null,
    kept: { before: IBox; after: IBox } | null
  ): void {
    this.scene = scene;
    this.content = content;
    this.home = home;
    if (kept) {
      this.moved = true;
      this.x += (kept.before.x - kept.after.x) * this.scale;
      this.y += (kept.before.y - kept.after.y) * this.scale;
      this.apply();
    } else {
      this.start();
    }
  }

  /** All of it, where its names can still be read; else its subject with what is left of it. */
  start(): void {
    this.moved = false;
    const { width, height } = this.size();
    const { home, content } = this;
    if (this.fitting() >= READABLE || home === null) {
      this.fit();
      return;
    }
    this.scale = READABLE + 0.15;
    const [wide, tall] = [
      content.width * this.scale,
      content.height * this.scale
    ];
    // No empty room beside what is larger than the page.
    const place = (wish: number, room: number, length: number): number =>
      length <= room - 2 * MARGIN
        ? (room - length) / 2
        : clamp(wish, room - MARGIN - length, MARGIN);
    const after = (content.width - home.x) * this.scale;
    const ends = after <= width * SUBJECT_FROM_RIGHT;
    this.x = place(
      ends
        ? width - MARGIN - wide
        : width * (1 - SUBJECT_FROM_RIGHT) - home.x * this.scale,
      width,
      wide
    );
    this.y = place(
      height / 2 - (home.y + home.height / 2) * this.scale,
      height,
      tall
    );
    this.apply();
  }

  fit(): void {
    const { width, height } = this.size();
    this.scale = this.fitting();
    this.x = (width - this.content.width * this.scale) / 2;
    this.y = (height - this.content.height * this.scale) / 2;
    this.apply();
  }

  fitByHand(): void {
    this.fit();
    this.moved = true;
  }

  zoom(factor: number, at?: { x: number; y: number }): void {
    const { width, height } = this.size();
    const { x, y } = at ?? { x: width / 2, y: height / 2 };
    const scale = clamp(this.scale * factor, SMALLEST, LARGEST);
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.moved = true;
    this.apply();
  }

  /** Brings a box into view: into the middle if it is out of sight, else no more than needed. */
  reveal(box: IBox): void {
    const { width, height } = this.size();
    const left = this.x + box.x * this.scale;
    const top = this.y + box.y * this.scale;
    const right = left + box.width * this.scale;
    const bottom = top + box.height * this.scale;
    const out = right < 0 || bottom < 0 || left > width || top > height;
    const dx = out ? middle(left, right, width) : into(left, right, width);
    const dy = out ? middle(top, bottom, height) : into(top, bottom, height);
    if (dx !== 0 || dy !== 0) {
      this.x += dx;
      this.y += dy;
      this.moved = true;
      this.apply();
    }
  }

  /** Puts a box into the middle. */
  centre(box: IBox): void {
    const { width, height } = this.size();
    const [left, top] = [
      this.x + box.x * this.scale,
      this.y + box.y * this.scale
    ];
    this.x += middle(left, left + box.width * this.scale, width);
    this.y += middle(top, top + box.height * this.scale, height);
    this.moved = true;
    this.apply();
  }

  private fitting(): number {
    const { width, height } = this.size();
    return clamp(
      Math.min(
        (width - 2 * MARGIN) / Math.max(1, this.content.width),
        (height - 2 * MARGIN) / Math.max(1, this.content.height),
        1
      ),
      SMALLEST,
      LARGEST
    );
  }

  private size(): ISize {
    const { clientWidth, clientHeight } = this.stage;
    return { width: clientWidth || 800, height: clientHeight || 400 };
  }

  private resized(): void {
    if (!this.moved && this.scene) {
      this.start();
    }
  }

  private apply(): void {
    this.scene?.setAttribute(
      'transform',
      `translate(${this.x.toFixed(1)} ${this.y.toFixed(1)}) scale(${this.scale.toFixed(4)})`
    );
    this.onScale(this.scale);
  }

  private wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) {
      return; // the page scrolls
    }
    event.preventDefault();
    const { left, top } = this.stage.getBoundingClientRect();
    const lines = event.deltaMode === 1 ? 16 : 1;
    this.zoom(Math.exp((-event.deltaY * lines) / 400), {
      x: event.clientX - left,
      y: event.clientY - top
    });
  }

  private drag(event: PointerEvent): void {
    if (event.button !== 0) {
      return;
    }
    const start = { x: event.clientX - this.x, y: event.clientY - this.y };
    const origin = { x: event.clientX, y: event.clientY };
    let dragging = false;
    const move = (moved: PointerEvent): void => {
      const far =
        Math.abs(moved.clientX - origin.x) + Math.abs(moved.clientY - origin.y);
      if (!dragging && far < STILL) {
        return;
      }
      if (!dragging) {
        dragging = true;
        this.stage.setPointerCapture(event.pointerId);
        this.stage.classList.add('wb-graph-dragging');
      }
      this.x = moved.clientX - start.x;
      this.y = moved.clientY - start.y;
      this.moved = true;
      this.apply();
    };
    const end = (): void => {
      if (dragging) {
        this.swallowClick();
      }
      this.stage.classList.remove('wb-graph-dragging');
      this.stage.removeEventListener('pointermove', move);
      this.stage.removeEventListener('pointerup', end);
      this.stage.removeEventListener('pointercancel', end);
    };
    this.stage.addEventListener('pointermove', move);
    this.stage.addEventListener('pointerup', end);
    this.stage.addEventListener('pointercancel', end);
  }

  /** The click that ends a drag means nothing. */
  private swallowClick(): void {
    const swallow = (event: Event): void => event.stopPropagation();
    this.stage.addEventListener('click', swallow, { capture: true });
    setTimeout(() =>
      this.stage.removeEventListener('click', swallow, { capture: true })
    );
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** How far a stretch has to move to have its middle in that of 0 … room; long ones start there. */
function middle(start: number, end: number, room: number): number {
  return end - start > room - 2 * MARGIN
    ? MARGIN - start
    : (room - start - end) / 2;
}

/** How far a stretch has to move to be inside of 0 … room. */
function into(start: number, end: number, room: number): number {
  if (start < MARGIN) {
    return MARGIN - start;
  }
  return end > room - MARGIN
    ? Math.max(room - MARGIN - end, MARGIN - start)
    : 0;
}
