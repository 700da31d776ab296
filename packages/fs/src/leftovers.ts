import type { WriteId } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';

/** More than this are forgotten: the disk fails all the time, and whoever repairs it looks there. */
const MOST = 1000;

/** What could not be taken away of writes that are over, until the disk lets it. */
export class Leftovers {
  readonly #remove: (name: ObjectName, writeId: WriteId) => Promise<void>;
  readonly #left = new Map<WriteId, ObjectName>();

  constructor(remove: (name: ObjectName, writeId: WriteId) => Promise<void>) {
    this.#remove = remove;
  }

  /** Takes away what a write left; what fails is thrown, and tried again with the next write. */
  async remove(name: ObjectName, writeId: WriteId): Promise<void> {
    try {
      await this.#remove(name, writeId);
      this.#left.delete(writeId);
    } catch (error) {
      if (this.#left.size < MOST) this.#left.set(writeId, name);
      throw error;
    }
  }

  /** Tries again what failed. It was told when it did, so nothing is thrown. */
  async retry(): Promise<void> {
    if (this.#left.size === 0) return;
    const entries = [...this.#left];
    this.#left.clear();
    for (const [writeId, name] of entries) await this.remove(name, writeId).catch(() => {});
  }
}
