/**
 * The lineage graph: drawn into any element of any page, in Lab and in a cell.
 *
 * Needs no framework. `mount` is all that others call.
 */
import { html } from './dom';
import type { IGraph, INode, ITrans } from './types';
import { GraphView } from './view';

export interface IOptions {
  trans: ITrans;
  /** What the lineage is called, for the names of files and for screen readers. */
  name?: string;
  /** Offered for cells; without it there is no such button. */
  openCell?: (node: INode) => void;
  /** Where pictures go; a download by default. */
  saveFile?: (name: string, content: Blob) => void;
  /** Told what a person chose: an id, or null. */
  onSelect?: (id: string | null) => void;
  /** Whose colours pictures have; the element itself by default. */
  themeRoot?: HTMLElement;
}

export interface IMounted {
  /** Draw another lineage; null while it is awaited. */
  update(graph: IGraph | null): void;
  /** Say why there is nothing to draw. */
  fail(message: string): void;
  /** Choose a node by its id, or nothing. */
  select(id: string | null): void;
  dispose(): void;
}

export function mount(
  element: HTMLElement,
  graph: IGraph | null,
  options: IOptions
): IMounted {
  const root = html('div', { class: 'wb-Graph', 'data-wb': 'graph' });
  element.append(root);
  const view = new GraphView(root, options);
  view.update(graph);
  return {
    update: next => view.update(next),
    fail: message => view.fail(message),
    select: id => view.select(id),
    dispose: () => {
      view.dispose();
      root.remove();
    }
  };
}
