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
  const [name, what, why] = [ref, right, purpose || '…'].map(pythonString);
  const period = Number.isInteger(days) && days > 0 ? days : USUAL_DAYS;
  return (
    'import workbench as wb\n' +
    `wb.request_access(${name}, right=${what}, purpose=${why}, days=${period})`
  );
}

const USUAL_DAYS = 14;

/**
 * A JSON string is a Python string, once the line ends that only JSON leaves bare are escaped;
 * half a character (a lonely surrogate) is already escaped by JSON.
 */
function pythonString(value: string): string {
  return JSON.stringify(value).replace(
    /[\u0085\u2028\u2029]/g,
    end => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`
  );
}
