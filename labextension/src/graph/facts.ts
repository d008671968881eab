/** What is known of one thing, as rows of words. Pure. */
import { moment } from '../time';
import { numberOf } from './faces';
import type { INode } from './types';
import { said } from './types';
import { duration, size, type GraphWords } from './words';

export interface IFact {
  name: string;
  value: string;
  /** A digest is shown short, with a button that copies it. */
  digest?: boolean;
}

/** Which details have rows of their own; the others are shown as they are called. */
const SHOWN = new Set([
  'address',
  'scheme',
  'digest',
  'size',
  'read_at',
  'changed',
  'how',
  'cell',
  'execution',
  'at',
  'seconds',
  'code',
  'outcome',
  'notebook',
  'name',
  'version',
  'type',
  'shape',
  'value',
  'on',
  'ref',
  'manifest'
]);

export function factsOf(node: INode, words: GraphWords): IFact[] {
  const t = words.trans;
  const time = (name: string) => {
    const value = said(node, name);
    return value ? moment(value) : '';
  };
  const number = (name: string) => Number(said(node, name) || NaN);
  const rows: IFact[] = [
    { name: t.__('Address'), value: said(node, 'address') },
    { name: t.__('Release'), value: said(node, 'ref') },
    { name: t.__('Type'), value: said(node, 'type') },
    { name: t.__('Shape'), value: said(node, 'shape') },
    { name: t.__('Version'), value: said(node, 'version') },
    { name: t.__('Value'), value: numberOf(said(node, 'value')) },
    { name: t.__('Measured on'), value: said(node, 'on') },
    { name: t.__('Read with'), value: said(node, 'how') },
    { name: t.__('Read'), value: time('read_at') },
    { name: t.__('Size'), value: size(number('size'), t) },
    { name: t.__('Notebook'), value: said(node, 'notebook') },
    { name: t.__('Ran'), value: time('at') },
    { name: t.__('Took'), value: duration(number('seconds'), t) },
    { name: t.__('Ended'), value: words.outcome(node)?.label ?? '' },
    {
      name: t.__('Digest'),
      value: said(node, 'digest') || said(node, 'manifest'),
      digest: true
    },
    ...Object.keys(node.details)
      .filter(name => !SHOWN.has(name))
      .map(name => ({ name, value: said(node, name) }))
  ];
  return rows.filter(({ value }) => value !== '');
}

/** What somebody said of the data. */
export function datasetFacts(node: INode, words: GraphWords): IFact[] {
  const t = words.trans;
  const { dataset } = node;
  if (dataset === null) {
    return [];
  }
  const rows: IFact[] = [
    { name: t.__('Called'), value: dataset.name },
    {
      name: t.__('Sensitivity'),
      value: words.classification(dataset.classification)
    },
    {
      name: t.__('Bound to'),
      value: dataset.regions.join(', ') || t.__('no region')
    },
    { name: t.__('Licence'), value: dataset.licence },
    { name: t.__('Comes from'), value: dataset.source },
    ...Object.entries(dataset.annotations).map(([name, value]) => ({
      name,
      value: String(value)
    }))
  ];
  return rows.filter(({ value }) => value !== '');
}
