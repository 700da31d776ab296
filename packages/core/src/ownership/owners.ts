import type { FileState } from '../field/file-state.ts';
import { KeyOnlyRef, type OwnerRef } from './owner-ref.ts';
import { shared } from './registry.ts';

/**
 * What core keeps of one row that had a file attribute touched: one reference and one handle a field.
 * Reached from the row only (through a WeakMap); nothing in it reaches the row but by `ref`, weakly.
 */
export interface OwnerRecord {
  readonly ref: OwnerRef;
  /** A list through `FileState.next`: an array costs more than the handles in it. */
  first: FileState | undefined;
}

/** The table then holds as many rows before it grows: more than V8 lets gather, where they are large. */
const ROOM = 350;

/** Keys of the table that are no rows and stay: they keep it large. */
const room = shared('room', () => Array.from({ length: ROOM }, () => ({})));

/**
 * Owner → its record. An entry lives exactly as long as its owner.
 *
 * V8 moves the entries of a table that grows, or that lost a third of them. While it marks, what is moved is marked:
 * every row in the table, dead or not, stays for one more collection. So the table is made large, of keys that stay.
 */
export const owners: WeakMap<object, OwnerRecord> = shared('owners', () => {
  const record: OwnerRecord = { ref: new KeyOnlyRef(undefined), first: undefined };
  return new WeakMap(room.map(key => [key, record]));
});
