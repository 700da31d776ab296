/**
 * Whether a file is one of an `accept` list, as HTML's input attribute reads it: `image/*`, `image/png`, `.pdf`.
 * Case does not matter; parameters of the type (`; charset=…`) do not count.
 *
 * @see https://html.spec.whatwg.org/multipage/input.html#attr-input-accept
 */
export function accepts(
  accept: readonly string[],
  filename: string,
  contentType: string | undefined,
): boolean {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  const lowered = filename.toLowerCase();
  return accept.some(entry => {
    const pattern = entry.trim().toLowerCase();
    if (pattern.startsWith('.')) return lowered.endsWith(pattern) && lowered.length > pattern.length;
    if (pattern === '*/*') return true;
    if (pattern.endsWith('/*')) return type?.startsWith(pattern.slice(0, -1)) ?? false;
    return type === pattern;
  });
}
