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
  /** Keys in `owners` that are no rows and stay: they keep the table large. */
  readonly room: readonly object[];
  /** The fields of all models, in the order they were declared; see `declared-fields.ts`. */
  readonly fields: Set<WeakRef<ReferringField>>;
  /** By storage and name: objects that somebody means to copy; see `held-object.ts`. */
  readonly holds: Map<string, Holds>;
}

/** The table then holds as many rows before it grows: more than V8 lets gather, where they are large. */
const ROOM = 350;

const SHARED = Symbol.for('@fieldfile/core/1');
const global = globalThis as { [SHARED]?: Shared };

global[SHARED] ??= makeShared();

export const shared: Shared = global[SHARED];

/**
 * V8 moves the entries of a table that grows, or that lost a third of them. While it marks, what is moved is marked:
 * every row in the table, dead or not, stays for one more collection. So the table is made large, of keys that stay.
 */
function makeShared(): Shared {
  const owners = new WeakMap<object, OwnerRecord>();
  const room = Array.from({ length: ROOM }, () => ({}));
  const record: OwnerRecord = { ref: new KeyOnlyRef(undefined), first: undefined };
  for (const key of room) owners.set(key, record);
  return { owners, pins: new Set(), room, fields: new Set(), holds: new Map() };
}
