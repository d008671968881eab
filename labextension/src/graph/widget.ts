/**
 * The lineage graph as a widget of a notebook: in Lab, Notebook 7 and VS Code.
 *
 * Bundled into one file, `workbench/widgets/static/graph.js`, that loads nothing else.
 */
import detail from '../../style/graph-detail.css';
import drawing from '../../style/graph-drawing.css';
import frame from '../../style/graph.css';
import { mount } from './mount';
import { graphOf, type IGraph, type ITrans } from './types';

/** The part of an anywidget model that is used. */
interface IModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

/** A cell has no translations: the words as they are. */
const trans: ITrans = {
  __: (text, ...args) => filled(text, args),
  _n: (one, many, n) => filled(n === 1 ? one : many, [String(n)])
};

function filled(text: string, args: string[]): string {
  return text.replace(/%(\d)/g, (_, at: string) => args[Number(at) - 1] ?? '');
}

function render(context: { model: IModel; el: HTMLElement }): () => void {
  const { model, el } = context;
  el.append(
    Object.assign(document.createElement('style'), {
      textContent: [frame, drawing, detail].join('\n')
    })
  );
  const place = document.createElement('div');
  place.className = 'wb-graph-cell';
  keepKeys(place);
  el.append(place);
  const text = (name: string) => String(model.get(name) ?? '');
  const mounted = mount(place, null, {
    trans,
    name: text('name'),
    onSelect: id => {
      model.set('chosen', id ?? '');
      model.save_changes();
    }
  });
  const draw = (): void => {
    const graph = parsed(text('graph'));
    if (graph === null) {
      mounted.fail('This lineage cannot be read.');
    } else {
      mounted.update(graph);
    }
  };
  const choose = (): void => mounted.select(text('chosen') || null);
  choose();
  draw();
  model.on('change:graph', draw);
  model.on('change:chosen', choose);
  return () => {
    model.off('change:graph', draw);
    model.off('change:chosen', choose);
    mounted.dispose();
  };
}

/**
 * The notebook's own keys, such as x for “cut the cell”, must not act on a key pressed here. Lab
 * looks at keys on their way up; Notebook 7 on their way down, and asks the element in focus.
 */
function keepKeys(place: HTMLElement): void {
  place.addEventListener('keydown', event => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) {
      event.stopPropagation();
    }
  });
  place.addEventListener('focusin', event =>
    (event.target as Element).setAttribute('data-lm-suppress-shortcuts', 'true')
  );
}

function parsed(text: string): IGraph | null {
  try {
    return graphOf(JSON.parse(text));
  } catch {
    return null;
  }
}

export default { render };
