/** Which releases a search and its filters leave. Pure. */
import type { IRelease } from '../tokens';

export interface IChoice {
  text: string;
  sensitivity: string;
  right: string;
}

export const NO_CHOICE: IChoice = { text: '', sensitivity: '', right: '' };

/** Every word of the text must occur somewhere in what the row shows. */
export function choose(releases: IRelease[], choice: IChoice): IRelease[] {
  const terms = choice.text.toLowerCase().split(/\s+/).filter(Boolean);
  return releases.filter(release => {
    const hay = [
      release.ref,
      release.title,
      release.summary,
      release.task,
      release.owner.name
    ]
      .join(' ')
      .toLowerCase();
    return (
      terms.every(term => hay.includes(term)) &&
      (!choice.sensitivity || release.sensitivity === choice.sensitivity) &&
      (!choice.right || release.rights.some(each => each === choice.right))
    );
  });
}
