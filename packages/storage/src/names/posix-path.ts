/**
 * Joins two paths as Python's `posixpath.join` does: an absolute second part drops the first.
 * (`join` of `node:path` keeps both, which would hide an absolute name instead of letting it be refused.)
 */
export function joinPath(folder: string, name: string): string {
  if (folder === '' || name.startsWith('/')) return name;
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

/** Splits at the last `/`; the folder has no `/` at its end unless it is nothing else. */
export function splitPath(path: string): { readonly folder: string; readonly fileName: string } {
  const end = path.lastIndexOf('/') + 1;
  let folderEnd = end;
  while (folderEnd > 0 && path[folderEnd - 1] === '/') folderEnd--;
  return { folder: path.slice(0, folderEnd === 0 ? end : folderEnd), fileName: path.slice(end) };
}

/** Resolves `.`, `..` and `//` as Python's `posixpath.normpath` does: `''` → `'.'`, exactly two leading `/` stay. */
export function normalizePath(path: string): string {
  const root = /^\/\/(?!\/)/.test(path) ? '//' : path.startsWith('/') ? '/' : '';
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.length > 0 && segments.at(-1) !== '..') segments.pop();
    else if (root === '') segments.push(segment);
  }
  return root + segments.join('/') || '.';
}
