import { essenceOf, isScriptable, usual } from './media-type.ts';

/**
 * Whether a file is one of an `accept` list, as HTML's input attribute reads it: `image/*`, `image/png`, `.pdf`.
 * Case does not matter; parameters of the type (`; charset=…`) do not count. Unlike in a browser, a type that could run
 * scripts on the site (SVG, HTML, XML) is meant by its own name or extension only, never by `image/*`.
 *
 * @see https://html.spec.whatwg.org/multipage/input.html#attr-input-accept
 */
export function accepts(
  accept: readonly string[],
  filename: string,
  contentType: string | undefined,
): boolean {
  return accept.some(entry => takesName(entry, filename) || takesType(entry, contentType));
}

/** Whether an entry of the list is an extension that the name has. */
export function takesName(entry: string, filename: string): boolean {
  const pattern = entry.trim().toLowerCase();
  const lowered = filename.toLowerCase();
  return pattern.startsWith('.') && lowered.endsWith(pattern) && lowered.length > pattern.length;
}

/** Whether an entry of the list is a type, or a range of types, that has this one. */
export function takesType(entry: string, contentType: string | undefined): boolean {
  const pattern = entry.trim().toLowerCase();
  if (pattern === '*/*') return true;
  const type = essenceOf(contentType);
  if (type === undefined) return false;
  if (pattern.endsWith('/*')) return type.startsWith(pattern.slice(0, -1)) && !isScriptable(type);
  return usual(type) === usual(pattern);
}
