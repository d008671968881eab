/**
 * Bundles the parts of the lineage graph that have to be one file each: the text of its worker,
 * which the TypeScript build needs, and the widget for cells. `node bundle.mjs worker` does the
 * first only.
 */
import { writeFile } from 'node:fs/promises';

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
const text = worker.outputFiles[0].text.trim();
await writeFile(
  'src/graph/worker.text.ts',
  `/** Written by bundle.mjs from worker.ts. */\nexport default ${JSON.stringify(text)};\n`
);

if (process.argv[2] !== 'worker') {
  await build({
    ...common,
    entryPoints: ['src/graph/widget.ts'],
    format: 'esm',
    loader: { '.css': 'text' },
    outfile: '../workbench/widgets/static/graph.js'
  });
}
