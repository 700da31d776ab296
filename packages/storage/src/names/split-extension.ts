/**
 * Splits a file name before all its suffixes, as Django does since 5.1: `a.tar.gz` → `a`, `.tar.gz`.
 * Leading dots belong to the root (`.hidden` has no suffix), and a name that ends in a dot has none.
 *
 * @see https://docs.python.org/3.11/library/pathlib.html (`PurePath.suffixes`)
 */
export function splitExtension(fileName: string): { readonly root: string; readonly extension: string } {
  const visible = fileName.search(/[^.]/);
  const dot = visible === -1 || fileName.endsWith('.') ? -1 : fileName.indexOf('.', visible);
  if (dot === -1) return { root: fileName, extension: '' };
  return { root: fileName.slice(0, dot), extension: fileName.slice(dot) };
}
