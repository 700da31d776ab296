import type { Handle } from '../field/handle.ts';
import { releaseKeptObjects } from './kept-objects.ts';
import type { OwnerRef } from './owner-ref.ts';
import { WeakOwnerRef } from './owner-ref.ts';
import { recordBehind } from './proxied-row.ts';
import { shared } from './registry.ts';

/**
 * What core keeps of one row that had a file attribute touched: one reference and one handle a field.
 * Reached from the row only (through a WeakMap); nothing in it reaches the row but by `ref`, weakly.
 */
export interface OwnerRecord {
  readonly ref: OwnerRef;
  /** A list through `Handle.next`: an array costs more than the handles in it. */
  first: Handle | undefined;
}

export function ownerRecord(owner: object): OwnerRecord | undefined {
  return shared.owners.get(owner) ?? recordBehind(owner);
}

/** Where a library hands out proxies of its own (Prisma): what shows the row that stands behind them. */
export const OWNER: unique symbol = Symbol.for('@fieldfile/core/owner');

/** A row's handles: one of each field that was touched. */
export function* handlesOf(row: object): Generator<Handle, void, undefined> {
  const owner = (row as { readonly [OWNER]?: object })[OWNER] ?? row;
  for (let handle = ownerRecord(owner)?.first; handle; handle = handle.next) yield handle;
}

/** The record of a row, made at its first touch: the only place that creates a WeakRef to a row. */
export function touchOwner(owner: object): OwnerRecord {
  const known = ownerRecord(owner);
  if (known) return known;
  const record: OwnerRecord = { ref: new WeakOwnerRef(owner), first: undefined };
  shared.owners.set(owner, record);
  releaseKeptObjects(); // after its WeakRef: a release before leaves the latest row on the list
  return record;
}
