import assert from 'node:assert/strict';
import type { StorageContext } from './context.ts';

/** As the storage says it sorts. */
export const compare = (context: StorageContext, a: string, b: string): number =>
  context.backend.listOrder === 'utf-16'
    ? a < b
      ? -1
      : Number(a > b)
    : Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Names in the order the storage declares. */
export const inOrder = (context: StorageContext, names: readonly string[]): string[] =>
  [...names].sort((a, b) =>
    context.backend.listOrder === 'preorder' ? preorder(a, b) : compare(context, a, b),
  );

/** Segment by segment, as a walk through folders goes. */
function preorder(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (const [index, segment] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = Buffer.compare(Buffer.from(segment), Buffer.from(other));
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Exactly these, once each; in this order where the backend declares one. */
export function sameListing(
  context: StorageContext,
  listed: readonly string[],
  expected: readonly string[],
  what: string,
): void {
  if (context.backend.listOrder === 'none') assert.deepEqual([...listed].sort(), [...expected].sort(), what);
  else assert.deepEqual(listed, expected, `${what}: not the declared order, or not everything once`);
}
