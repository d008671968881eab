/**
 * Bundles the parts that have to be one file each: the text of the lineage graph's worker, which
 * the TypeScript build needs, and the widgets for cells. `node bundle.mjs worker` does the first
 * only.
 */
import { readFile, writeFile } from 'node:fs/promises';

import { build } from 'esbuild';

const common = {
  bundle: true,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  minify: true,
  target: 'es2018'
};

const worker = await build({
  ...common,
  entryPoints: ['src/graph/worker.ts'],
  format: 'iife',
  write: false
});
const text = JSON.stringify(worker.outputFiles[0].text.trim());
const target = 'src/graph/worker.text.ts';
const module = `/** Written by bundle.mjs from worker.ts. */\nexport default ${text};\n`;
// Left alone while it is the same, so that what is built from it stays fresh.
if ((await readFile(target, 'utf-8').catch(() => '')) !== module) {
  await writeFile(target, module);
}

if (process.argv[2] !== 'worker') {
  for (const [name, entry] of [
    ['graph', 'src/graph/widget.ts'],
    ['roc', 'src/checks/widget.ts']
  ]) {
    await build({
      ...common,
      entryPoints: [entry],
      format: 'esm',
      loader: { '.css': 'text' },
      outfile: `../workbench/widgets/static/${name}.js`
    });
  }
}
