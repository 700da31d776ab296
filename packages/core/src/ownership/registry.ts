import type { ReferringField } from '../field/declared-fields.ts';
import type { Holds } from '../field/held-object.ts';
import type { OwnerRecord } from './owner-record.ts';
import { KeyOnlyRef } from './owner-ref.ts';

/** What every copy of this package in one process shares, so that they agree on handles. */
interface Shared {
  /** Owner → its handles. An entry lives exactly as long as its owner. */
  readonly owners: WeakMap<object, OwnerRecord>;
  /** Owners of operations in flight; see `pin.ts`. */
  readonly pins: Set<object>;
  /** The fields of all models, in the order they were declared; see `declared-fields.ts`. */
  readonly fields: Set<WeakRef<ReferringField>>;
  /** By storage and name: objects that somebody means to copy; see `held-object.ts`. */
  readonly holds: Map<string, Holds>;
}

/** For as many rows as V8 lets gather between two collections, where they are large. */
const ROOM = 500;

const SHARED = Symbol.for('@fieldfile/core/1');
const global = globalThis as { [SHARED]?: Shared };

global[SHARED] ??= { owners: tableWithRoom(), pins: new Set(), fields: new Set(), holds: new Map() };

export const shared: Shared = global[SHARED];

/**
 * An empty table that has grown already. V8 moves the entries of a table that grows, and while it marks, what is moved
 * is marked: every row in the table, dead or not, stays for one more collection. Tables do not shrink.
 */
function tableWithRoom(): WeakMap<object, OwnerRecord> {
  const table = new WeakMap<object, OwnerRecord>();
  const record: OwnerRecord = { ref: new KeyOnlyRef(undefined), first: undefined };
  for (let entry = 0; entry < ROOM; entry++) table.set({}, record);
  return table;
}
