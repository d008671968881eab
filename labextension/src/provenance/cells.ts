/** Finds the cell that a lineage speaks of among the notebooks of this server. Pure. */

/** The part of a notebook file that is used. */
export interface INotebookFile {
  cells: { id?: unknown; source: string | string[] }[];
}

export interface IWanted {
  /** The notebook's name, as it was signed. */
  notebook: string;
  /** The cell's id. */
  cell: string;
  /** The code as it ran; empty when it was not kept. */
  code: string;
}

export interface IFound {
  path: string;
  /** Where the cell is in the file. */
  index: number;
  /** Whether it still says what it said when it ran. */
  same: boolean;
}

/** Where a notebook of some name may lie: as one that is open, beside those, at the top. */
export function placesOf(name: string, open: readonly string[]): string[] {
  const parts = name.split('/').filter(part => part !== '' && part !== '.');
  if (parts.length === 0 || parts.includes('..')) {
    return [];
  }
  const last = parts[parts.length - 1];
  const folder = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);
  return [
    ...new Set([
      ...open.filter(path => path.slice(folder(path).length) === last),
      parts.join('/'),
      ...open.map(path => folder(path) + last),
      last
    ])
  ];
}

/** The cell in one notebook: by its id, else by its code; −1 when it is not there. */
export function cellIn(file: INotebookFile, wanted: IWanted): number {
  const byId = wanted.cell
    ? file.cells.findIndex(({ id }) => id === wanted.cell)
    : -1;
  return byId >= 0 || wanted.code === ''
    ? byId
    : file.cells.findIndex(({ source }) => isSame(source, wanted.code));
}

export function isSame(source: string | string[], code: string): boolean {
  const text = Array.isArray(source) ? source.join('') : source;
  return text.trim() === code.trim();
}

/** The first notebook that has the cell; `seen` says whether a notebook of the name was there. */
export async function findCell(
  wanted: IWanted,
  open: readonly string[],
  read: (path: string) => Promise<INotebookFile | null>
): Promise<{ found: IFound | null; seen: boolean }> {
  let seen = false;
  for (const path of placesOf(wanted.notebook, open)) {
    const file = await read(path);
    if (file !== null) {
      seen = true;
      const index = cellIn(file, wanted);
      if (index >= 0) {
        const same =
          wanted.code === '' || isSame(file.cells[index].source, wanted.code);
        return { found: { path, index, same }, seen };
      }
    }
  }
  return { found: null, seen };
}
