import { FieldFileError } from '@fieldfile/storage';
import { describe } from '@fieldfile/storage/internal';

/**
 * What a callable `uploadTo` gave, as far as it can be a file's path: text, with the file's name, and without what a
 * template writes for a value that is not there yet, such as the id of a row that is not inserted.
 *
 * @param row whose own texts, like the client's file name, may well have such a word.
 * @throws `invalid-argument`, naming field, value and fix.
 */
export function requirePath(
  label: string,
  path: unknown,
  filename: string,
  row: Readonly<Record<string, unknown>> | undefined,
): string {
  const refuse = (why: string, fix: string): never => {
    throw new FieldFileError('invalid-argument', `uploadTo of ${label} gave ${why}: ${fix}.`, {
      operation: 'save',
      field: label,
      ...(typeof path === 'string' ? { name: path } : {}),
    });
  };
  const fix = `return a path as text, file name included, as in \`photos/\${filename}\``;
  if (typeof path !== 'string') return refuse(describe(path), fix);
  if (path === '' || /[/\\]$/.test(path)) return refuse(`${JSON.stringify(path)}, which names no file`, fix);
  const missing = missingPart(path, filename, row);
  if (missing !== undefined)
    return refuse(
      `${JSON.stringify(path)}, with ${JSON.stringify(missing)} in it`,
      'a new row has no id before it is inserted: give it one in the program (crypto.randomUUID()), put a random part there instead, or save the file once the row is inserted',
    );
  return path;
}

const MISSING = /(?<![\p{L}\p{N}])(?:undefined|null|NaN|Invalid Date|\[object \w+\])(?![\p{L}\p{N}])/u;

function missingPart(
  path: string,
  filename: string,
  row: Readonly<Record<string, unknown>> | undefined,
): string | undefined {
  const texts = Object.values(row ?? {}).filter(value => typeof value === 'string');
  const known = [filename, ...texts].filter(text => MISSING.test(text));
  let rest = path;
  for (const text of known) rest = rest.replaceAll(text, 'x');
  // A name that has such a word may have been made another spelling of.
  if (/undefined|null|nan|invalid date/i.test(filename)) rest = rest.replace(/[^/\\]*$/, 'x');
  return MISSING.exec(rest)?.[0];
}
