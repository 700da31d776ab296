/**
 * Whether a file is of those that `accept` of a file input lists: `.png`, `image/*` or `image/png`. A browser uses it for its
 * dialog only, and there the user can go past it. Where the browser does not know a file's type, the server is to say.
 *
 * @see https://html.spec.whatwg.org/multipage/input.html#attr-input-accept
 */
export function accepts(
  accept: string,
  { name, type }: { readonly name: string; readonly type: string },
): boolean {
  const listed = accept
    .toLowerCase()
    .split(',')
    .map(one => one.trim())
    .filter(one => one !== '');
  if (listed.length === 0) return true;
  const [essence = ''] = type.toLowerCase().split(';');
  return listed.some(one => {
    if (one.startsWith('.')) return name.toLowerCase().endsWith(one);
    if (essence === '') return true;
    if (one.endsWith('/*')) return essence.startsWith(one.slice(0, -1));
    return one === essence;
  });
}
