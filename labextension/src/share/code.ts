/** What is run in the notebook's kernel to show the Share form. Pure. */

/**
 * One expression, so that no name is left in the user's namespace, and one whose value is None, so
 * that the display hook does not touch `_` and a semicolon in the cell before cannot hide the form.
 */
export const SHARE_CODE =
  '(lambda form: None if form is None else ' +
  '__import__("IPython.display").display.display(form))' +
  '(__import__("workbench").share())';

export type Trouble = 'no-kernel' | 'not-python' | 'no-package' | 'failed';

/** Which trouble an error reply tells of. */
export function troubleOf(ename: string, evalue: string): Trouble {
  const missing =
    ename === 'ModuleNotFoundError' && evalue.includes("'workbench'");
  // Another package of that name, or an old version.
  const other =
    ename === 'AttributeError' && evalue.includes("no attribute 'share'");
  return missing || other ? 'no-package' : 'failed';
}
