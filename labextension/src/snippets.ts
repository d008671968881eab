/** Lines of Python that people insert or copy. Pure. */
import type { Right } from './tokens';

/** Opens what was granted, or connects to where it runs. */
export function openCode(ref: string, right: Right): string {
  const name = pythonString(ref);
  return right === 'infer'
    ? `import workbench as wb\nmodel = wb.connect(${name})\n# model.predict(X)`
    : `import workbench as wb\nmodel = wb.open(${name}).load()`;
}

export function requestCode(
  ref: string,
  right: Right,
  purpose: string,
  days: number
): string {
  const why = pythonString(purpose || '…');
  return (
    'import workbench as wb\n' +
    `wb.request_access(${pythonString(ref)}, right="${right}", purpose=${why}, days=${days})`
  );
}

/** A JSON string is a Python string. */
function pythonString(value: string): string {
  return JSON.stringify(value);
}
