/**
 * The picture of how well attacks tell members from strangers, as a widget of a notebook.
 *
 * Bundled into one file, `workbench/widgets/static/roc.js`, that loads nothing else.
 */
import { rocSvg } from './roc';
import type { ILeakageReport } from './types';

/** The part of an anywidget model that is used. */
interface IModel {
  get(name: string): unknown;
}

const SIZE = { width: 480, height: 340 };

function render({ model, el }: { model: IModel; el: HTMLElement }): void {
  const drawing = drawn(String(model.get('report') ?? ''));
  if (drawing === null) {
    el.textContent = 'This measurement cannot be read.';
  } else {
    drawing.classList.add('wb-roc-cell');
    drawing.style.maxWidth = '100%';
    el.append(drawing);
  }
}

/** Parsed as a picture, so that nothing in it could run. */
function drawn(text: string): SVGElement | null {
  try {
    const report = JSON.parse(text) as ILeakageReport;
    const parsed = new DOMParser().parseFromString(
      rocSvg(report, SIZE),
      'image/svg+xml'
    );
    const root = document.importNode(parsed.documentElement, true);
    return root instanceof SVGElement ? root : null;
  } catch {
    return null;
  }
}

export default { render };
