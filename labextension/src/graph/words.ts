/** Every word of the lineage graph, with its explanation. Pure. */
import type { IDataset, IEdge, INode, ITrans, NodeKind } from './types';
import { said } from './types';

export class GraphWords {
  constructor(readonly trans: ITrans) {}

  kind(kind: NodeKind): string {
    const t = this.trans;
    const words: Record<NodeKind, string> = {
      source: t.__('source'),
      step: t.__('cell'),
      data: t.__('data'),
      function: t.__('function'),
      model: t.__('model'),
      metric: t.__('metric'),
      file: t.__('file'),
      release: t.__('release')
    };
    return words[kind] ?? kind;
  }

  /** “37 cells”. */
  count(kind: NodeKind, many: number): string {
    const t = this.trans;
    switch (kind) {
      case 'source':
        return t._n('%1 source', '%1 sources', many);
      case 'step':
        return t._n('%1 cell', '%1 cells', many);
      case 'data':
        return t._n('%1 data item', '%1 data items', many);
      case 'function':
        return t._n('%1 function', '%1 functions', many);
      case 'model':
        return t._n('%1 model', '%1 models', many);
      case 'metric':
        return t._n('%1 metric', '%1 metrics', many);
      case 'file':
        return t._n('%1 file', '%1 files', many);
      case 'release':
        return t._n('%1 release', '%1 releases', many);
      default:
        return `${many} ${String(kind)}`;
    }
  }

  /** “37 more cells”. */
  more(kind: NodeKind, many: number): string {
    const t = this.trans;
    switch (kind) {
      case 'source':
        return t._n('%1 more source', '%1 more sources', many);
      case 'step':
        return t._n('%1 more cell', '%1 more cells', many);
      case 'data':
        return t._n('%1 more data item', '%1 more data items', many);
      case 'function':
        return t._n('%1 more function', '%1 more functions', many);
      case 'model':
        return t._n('%1 more model', '%1 more models', many);
      case 'metric':
        return t._n('%1 more metric', '%1 more metrics', many);
      case 'file':
        return t._n('%1 more file', '%1 more files', many);
      case 'release':
        return t._n('%1 more release', '%1 more releases', many);
      default:
        return t.__('%1 more', String(many));
    }
  }

  /** What stands in the heading of a thing's details. */
  about(node: INode): string {
    const t = this.trans;
    const words: Record<NodeKind, string> = {
      source: t.__('A source: data that was read.'),
      step: t.__('A cell of the notebook, as it ran.'),
      data: t.__('Data in the notebook’s memory, under this name.'),
      function: t.__('A function or class written in the notebook.'),
      model: t.__('A trained model.'),
      metric: t.__('A number measured on data.'),
      file: t.__('A file that was written.'),
      release: t.__('A release on the exchange.')
    };
    return words[node.kind] ?? this.kind(node.kind);
  }

  mark(mark: IEdge['mark']): { label: string; explain: string } {
    const t = this.trans;
    const words: Record<IEdge['mark'], [string, string]> = {
      observed: [
        t.__('observed'),
        t.__('Seen while it happened: nothing is guessed.')
      ],
      resolved: [
        t.__('resolved'),
        t.__(
          'The call was seen and its arguments name it; the opening itself was not seen.'
        )
      ],
      inferred: [
        t.__('inferred'),
        t.__('Read off the code, or told by the system: likely, not certain.')
      ]
    };
    const [label, explain] = words[mark] ?? [String(mark), ''];
    return { label, explain };
  }

  /** An edge, said from the side it starts at: “read by In [3]”. */
  ahead(edge: IEdge, other: string): string {
    const t = this.trans;
    switch (edge.verb) {
      case 'read':
        return t.__('read by %1', other);
      case 'used':
        return t.__('used by %1', other);
      case 'made':
        return t.__('made %1', other);
      case 'changed':
        return t.__('changed %1', other);
      case 'wrote':
        return t.__('wrote %1', other);
      case 'became':
        return t.__('became %1', other);
      default:
        return `${String(edge.verb)} ${other}`;
    }
  }

  /** An edge, said from the side it leads to: “made by In [3]”. */
  back(edge: IEdge, other: string): string {
    const t = this.trans;
    switch (edge.verb) {
      case 'read':
        return t.__('read %1', other);
      case 'used':
        return t.__('used %1', other);
      case 'made':
        return t.__('made by %1', other);
      case 'changed':
        return t.__('changed by %1', other);
      case 'wrote':
        return t.__('written by %1', other);
      case 'became':
        return t.__('came of %1', other);
      default:
        return `${other} ${String(edge.verb)}`;
    }
  }

  classification(level: IDataset['classification']): string {
    const t = this.trans;
    const words: Record<IDataset['classification'], string> = {
      open: t.__('open'),
      internal: t.__('internal'),
      confidential: t.__('confidential'),
      restricted: t.__('restricted')
    };
    return words[level] ?? String(level);
  }

  get unlabelled(): { label: string; explain: string } {
    const t = this.trans;
    return {
      label: t.__('not labelled'),
      explain: t.__(
        'Nobody said what this data is: how sensitive it is, and which region it is bound to.'
      )
    };
  }

  get changed(): { label: string; explain: string } {
    const t = this.trans;
    return {
      label: t.__('changed since read'),
      explain: t.__('It is not any more what it was when it was read.')
    };
  }

  outcome(node: INode): { label: string; good: boolean } | null {
    const t = this.trans;
    switch (said(node, 'outcome')) {
      case 'error':
        return { label: t.__('ended with an error'), good: false };
      case 'interrupted':
        return { label: t.__('interrupted'), good: false };
      case 'ok':
        return { label: t.__('ran to the end'), good: true };
      default:
        return null;
    }
  }
}

/** “0.4 s”, “12 ms”, “3 min”. */
export function duration(seconds: number, trans: ITrans): string {
  if (!Number.isFinite(seconds) || seconds < 0) {
    return '';
  }
  if (seconds < 0.9995) {
    return trans.__('%1 ms', String(Math.round(seconds * 1000)));
  }
  if (seconds < 99.95) {
    return trans.__('%1 s', seconds.toPrecision(seconds < 10 ? 2 : 3));
  }
  return trans.__('%1 min', String(Math.round(seconds / 60)));
}

/** “1.3 MB”: powers of 1000, as file managers count. */
export function size(bytes: number, trans: ITrans): string {
  if (!Number.isFinite(bytes) || bytes < 0) {
    return '';
  }
  if (bytes < 1000) {
    return trans._n('%1 byte', '%1 bytes', bytes);
  }
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** “sha256:9f86d0…f00a08”: enough to compare by eye. */
export function shortDigest(digest: string): string {
  const colon = digest.indexOf(':');
  const [kind, hex] = [digest.slice(0, colon + 1), digest.slice(colon + 1)];
  return hex.length > 20
    ? `${kind}${hex.slice(0, 6)}…${hex.slice(-6)}`
    : digest;
}
