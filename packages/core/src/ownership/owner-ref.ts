import type { RowKey } from '../field/row-key.ts';

/** A handle's way to its row, shared by the row's handles. */
export interface OwnerRef {
  /**
   * The row while it lives. Call it once in a job and keep the result: every call may keep the row alive until the
   * job ends.
   */
  deref(): object | undefined;
  /** Its primary key, as far as it is known: what remains when the row is collected. */
  key: RowKey | undefined;
}

export class WeakOwnerRef implements OwnerRef {
  /** Another proxy of the row, or the row itself, once the one before is gone. */
  weak: WeakRef<object>;
  key: RowKey | undefined = undefined;

  constructor(owner: object) {
    this.weak = new WeakRef(owner);
  }

  deref(): object | undefined {
    return this.weak.deref();
  }
}

/** `ownership: 'strong'`: the explicit opt-out. */
export class StrongOwnerRef implements OwnerRef {
  readonly owner: object;
  key: RowKey | undefined;

  constructor(owner: object, key: RowKey | undefined) {
    this.owner = owner;
    this.key = key;
  }

  deref(): object {
    return this.owner;
  }
}

/** A row known by its key alone: `field.byKey`, a revived reference. */
export class KeyOnlyRef implements OwnerRef {
  key: RowKey | undefined;

  constructor(key: RowKey | undefined) {
    this.key = key;
  }

  deref(): undefined {
    return undefined;
  }
}
