import type { FileState } from '../field/file-state.ts';
import { releaseKeptObjects } from './kept-objects.ts';
import { WeakOwnerRef } from './owner-ref.ts';
import { type OwnerRecord, owners } from './owners.ts';
import { recordBehind } from './proxied-row.ts';

export function ownerRecord(owner: object): OwnerRecord | undefined {
  return owners.get(owner) ?? recordBehind(owner);
}

/** Where a library hands out proxies of its own (Prisma): what shows the row that stands behind them. */
export const OWNER: unique symbol = Symbol.for('@fieldfile/core/owner');

/** A row's handles: one of each field that was touched. */
export function* handlesOf(row: object): Generator<FileState, void, undefined> {
  const owner = (row as { readonly [OWNER]?: object })[OWNER] ?? row;
  for (let handle = ownerRecord(owner)?.first; handle; handle = handle.next) yield handle;
}

/** The record of a row, made at its first touch, with the row's one WeakRef. */
export function touchOwner(owner: object): OwnerRecord {
  const known = ownerRecord(owner);
  if (known) return known;
  const record: OwnerRecord = { ref: new WeakOwnerRef(owner), first: undefined };
  owners.set(owner, record);
  releaseKeptObjects(); // after its WeakRef: a release before leaves the latest row on the list
  return record;
}
