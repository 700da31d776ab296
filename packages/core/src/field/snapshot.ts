import type { CallOptions, OpenedObject, Storage } from '@fieldfile/storage';
import { HeldObject } from './held-object.ts';
import type { ModelInfo } from './model.ts';

const SNAPSHOT: unique symbol = Symbol.for('@fieldfile/core/snapshot');

/**
 * The object that another row's file showed when it was assigned, to be copied. It is not removed in this process while
 * anything reaches the snapshot: see {@link HeldObject}.
 */
export class Snapshot extends HeldObject {
  readonly storage: Storage;

  constructor(storage: Storage, name: string) {
    super(storage.id, name);
    this.storage = storage;
  }

  open(options: CallOptions & { readonly endExclusive?: number }): Promise<OpenedObject> {
    return this.storage.open(this.name, options);
  }
}

Object.defineProperty(Snapshot.prototype, SNAPSHOT, { value: true });

/** Recognises a snapshot, also one of another installed copy. */
export function isSnapshot(value: unknown): value is Snapshot {
  return typeof value === 'object' && value !== null && SNAPSHOT in value;
}

/**
 * Lets go of content that will not be copied again, if it is another row's file. Removals that waited for it are awaited, but
 * not in a transaction: they may need its connection.
 */
export async function releaseSnapshot(content: unknown, binding: ModelInfo['binding']): Promise<void> {
  if (!isSnapshot(content)) return;
  const removals = content.release();
  if (!binding?.scope?.()) await removals;
}
