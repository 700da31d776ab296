import type { ReferringField } from '../field/declared-fields.ts';
import type { Holds } from '../field/held-object.ts';
import type { OwnerRecord } from './owner-record.ts';

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

const SHARED = Symbol.for('@fieldfile/core/1');
const global = globalThis as { [SHARED]?: Shared };

global[SHARED] ??= { owners: new WeakMap(), pins: new Set(), fields: new Set(), holds: new Map() };

export const shared: Shared = global[SHARED];
