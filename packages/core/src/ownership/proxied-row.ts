import { type OwnerRecord, owners } from './owners.ts';

const RECORD: unique symbol = Symbol.for('@fieldfile/core/record');
const PROBE: unique symbol = Symbol('probe');

interface Marked {
  readonly [RECORD]?: { readonly record: OwnerRecord };
}

/**
 * Leaves a row's record in the row, where it is found through a `Proxy` of the row, too: for entities, whose own keys
 * nobody minds. Code that walks keys does not see it, and it is frozen, so that no framework makes a proxy of it in turn.
 */
export function markRow(row: object, record: OwnerRecord): void {
  if (!Object.hasOwn(row, RECORD))
    Reflect.defineProperty(row, RECORD, { value: Object.freeze({ record }), configurable: true });
}

/** The record of the row that an object is a `Proxy` of, or the row of a proxy that was touched first. */
export function recordBehind(object: object): OwnerRecord | undefined {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, RECORD)) return undefined;
  const record = (object as Marked)[RECORD]?.record;
  if (!record) return undefined;
  const known = record.ref.deref();
  if (known && !isSame(known, object)) return undefined; // a copy, property by property
  // By its shape: the record may be of another copy of this package.
  if (!known && 'weak' in record.ref) record.ref.weak = new WeakRef(object);
  owners.set(object, record);
  return record;
}

/** Whether what is written through one is there in the other. */
function isSame(one: object, other: object): boolean {
  if (!Reflect.defineProperty(one, PROBE, { value: true, configurable: true })) return false;
  const same = Object.hasOwn(other, PROBE);
  Reflect.deleteProperty(one, PROBE);
  return same;
}
