/** What a browser sends for an `<input type=file>` that nobody touched: a file of no name and no bytes. */
export function isEmptyInput(content: unknown): boolean {
  return (
    content instanceof Blob && content.size === 0 && (content as { readonly name?: unknown }).name === ''
  );
}
