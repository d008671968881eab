/** The lineage as the server and the kernel write it, read with care. Pure. */
import type { IDataset, IEdge, IGraph, INode } from '../tokens';

export type { ITrans } from '../words';
export type {
  EdgeVerb,
  IDataset,
  IEdge,
  IGraph,
  INode,
  Mark,
  NodeKind
} from '../tokens';

/** In the order of a legend: from where it starts to what comes of it. */
export const NODE_KINDS: INode['kind'][] = [
  'source',
  'step',
  'data',
  'function',
  'model',
  'metric',
  'file',
  'release'
];
/** The ladder of evidence, strongest first. */
export const MARKS: IEdge['mark'][] = ['observed', 'resolved', 'inferred'];

/** A lineage out of parsed JSON; null when it is none. Fields left out are empty. */
export function graphOf(value: unknown): IGraph | null {
  if (!isRecord(value) || !Array.isArray(value.nodes)) {
    return null;
  }
  return {
    nodes: value.nodes.filter(isRecord).map(nodeOf),
    edges: listOf(value.edges).filter(isRecord).map(edgeOf),
    target: typeof value.target === 'string' ? value.target : null,
    gaps: listOf(value.gaps).map(String)
  };
}

function nodeOf(value: Record<string, unknown>): INode {
  const { id, kind, label, details, dataset } = value;
  return {
    id: String(id),
    kind: kind as INode['kind'],
    label: String(label ?? id),
    details: isRecord(details) ? details : {},
    dataset: isRecord(dataset) ? datasetOf(dataset) : null
  };
}

function datasetOf(value: Record<string, unknown>): IDataset {
  return {
    name: String(value.name ?? ''),
    classification: (value.classification ??
      'internal') as IDataset['classification'],
    regions: listOf(value.regions).map(String),
    licence: String(value.licence ?? ''),
    source: String(value.source ?? ''),
    annotations: isRecord(value.annotations) ? value.annotations : {}
  };
}

function edgeOf(value: Record<string, unknown>): IEdge {
  return {
    source: String(value.source),
    target: String(value.target),
    verb: value.verb as IEdge['verb'],
    // What is not said is not claimed.
    mark: (value.mark ?? 'inferred') as IEdge['mark']
  };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A detail as text; empty where there is none. */
export function said(node: INode, name: string): string {
  const value = node.details[name];
  return value === undefined || value === null ? '' : String(value);
}

/** Data that somebody had to say something about, and nobody did. */
export function isUnlabelled(node: INode): boolean {
  return node.kind === 'source' && node.dataset === null;
}
