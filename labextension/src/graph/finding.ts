/** What is looked for in a lineage, and which of it one is at. Pure. */
import type { Search } from './search';

export class Finding {
  question = '';
  found: number[] = [];
  at = -1;
  /** Whether `current` was visited already. */
  private visited = false;

  look(search: Search | null, question: string): void {
    this.question = question;
    this.found = search?.find(question) ?? [];
    this.at = this.found.length > 0 ? 0 : -1;
    this.visited = false;
  }

  /** The next one to go to, round and round; the first time, the one that is shown. */
  step(by: 1 | -1): number | null {
    const { found } = this;
    if (found.length === 0) {
      return null;
    }
    if (this.visited) {
      this.at = (this.at + by + found.length) % found.length;
    }
    this.visited = true;
    return found[this.at];
  }
}
