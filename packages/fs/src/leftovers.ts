import type { WriteId } from '@fieldfile/storage';
import type { ObjectKey } from '@fieldfile/storage/backend';

/** More than this are forgotten: the disk fails all the time, and whoever repairs it looks there. */
const MOST = 1000;

/** What could not be taken away of writes that are over, until the disk lets it. */
export class Leftovers {
  readonly #remove: (key: ObjectKey, writeId: WriteId) => Promise<void>;
  readonly #left = new Map<WriteId, ObjectKey>();

  constructor(remove: (key: ObjectKey, writeId: WriteId) => Promise<void>) {
    this.#remove = remove;
  }

  /** Takes away what a write left; what fails is thrown, and tried again with the next write. */
  async remove(key: ObjectKey, writeId: WriteId): Promise<void> {
    try {
      await this.#remove(key, writeId);
      this.#left.delete(writeId);
    } catch (error) {
      if (this.#left.size < MOST) this.#left.set(writeId, key);
      throw error;
    }
  }

  /** Tries again what failed. It was told when it did, so nothing is thrown. */
  async retry(): Promise<void> {
    if (this.#left.size === 0) return;
    const entries = [...this.#left];
    this.#left.clear();
    for (const [writeId, key] of entries) await this.remove(key, writeId).catch(() => {});
  }
}
