/** Whose copy a found file is, in one line. Pure. */
import type { IWhose } from './answers';
import type { ITrans } from './words';
import { shortRef } from './words';

/** What it comes to, in one line. */
export function headline(whose: IWhose, ref: string, trans: ITrans): string {
  const names = [
    ...new Set(whose.files.flatMap(({ named }) => named.map(one => one.name)))
  ];
  if (whose.verdict === 'named') {
    return names.length === 1
      ? trans.__('It is %1’s copy of %2', names[0], shortRef(ref))
      : trans.__('It was made of the copies of %1', names.join(', '));
  }
  return whose.verdict === 'unclear'
    ? trans.__('It is unclear whose copy it is')
    : trans.__('It carries nobody’s mark');
}
