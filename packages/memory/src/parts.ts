import type { ObjectInfo, Source, WriteId } from '@fieldfile/storage';
import {
  type Candidates,
  newWriteId,
  type ObjectName,
  type PartedWrite,
  type PartedWrites,
  type PartLimits,
  type PartPlace,
  type StoredPart,
  throwIfAborted,
  type WriteOptions,
  type WritePartOptions,
} from '@fieldfile/storage/backend';
import { Blocks } from './blocks.ts';
import { type Call, otherVersion, partMissing, undoneMeanwhile } from './errors.ts';

/** A name held by a write under way. An object of its own, so that two attempts of one write are told apart. */
export interface Reservation {
  readonly writeId: WriteId;
}

/** What parts need of the store that they are in. */
export interface PartStore {
  reserve(
    first: ObjectName,
    names: Candidates,
    reservation: Reservation,
    signal: AbortSignal | undefined,
  ): Promise<ObjectName>;
  receive(
    source: Source,
    name: ObjectName,
    options: WritePartOptions,
    operation: Call['operation'],
  ): Promise<Blocks>;
  /** The bytes are not stored any more. */
  release(blocks: Blocks): void;
  /** Makes the object, if that reservation still holds the name and nothing took it. */
  fill(
    name: ObjectName,
    reservation: Reservation,
    blocks: Blocks,
    options: WriteOptions,
  ): ObjectInfo | undefined;
  /** The object at that name, if that write made it. */
  made(name: ObjectName, writeId: WriteId): ObjectInfo | undefined;
  call(operation: Call['operation'], name: ObjectName): Call;
}

interface Part {
  readonly receipt: string;
  readonly blocks: Blocks;
}

interface Parts {
  readonly reservation: Reservation;
  readonly options: WriteOptions;
  readonly byNumber: Map<number, Part>;
}

/** Objects that come in parts: each is kept by its number until all of them are one object. */
export class MemoryParts implements PartedWrites {
  readonly limits: PartLimits = {
    minPartBytes: 1,
    maxPartBytes: Number.MAX_SAFE_INTEGER,
    maxParts: Number.MAX_SAFE_INTEGER,
  };
  readonly #store: PartStore;
  readonly #writes = new Map<WriteId, Parts>();

  constructor(store: PartStore) {
    this.#store = store;
  }

  async begin(names: Candidates, options: WriteOptions): Promise<PartedWrite> {
    const { writeId, signal, onProgress: _, ...kept } = options;
    throwIfAborted(signal, 'begin');
    const reservation: Reservation = { writeId };
    const name = await this.#store.reserve(names.first, names, reservation, signal);
    this.#writes.set(writeId, { reservation, options: { ...kept, writeId }, byNumber: new Map() });
    return { name, writeId, id: '' };
  }

  async writePart(
    { name, writeId }: PartedWrite,
    { number }: PartPlace,
    source: Source,
    options: WritePartOptions = {},
  ): Promise<StoredPart> {
    this.#parts(name, writeId, 'writePart');
    const blocks = await this.#store.receive(source, name, options, 'writePart');
    const byNumber = this.#writes.get(writeId)?.byNumber;
    if (!byNumber) {
      this.#store.release(blocks);
      throw undoneMeanwhile(this.#store.call('writePart', name));
    }
    const old = byNumber.get(number);
    if (old) this.#store.release(old.blocks);
    const part: Part = { receipt: newWriteId(), blocks };
    byNumber.set(number, part);
    return stored(number, part);
  }

  async complete(
    { name, writeId }: PartedWrite,
    parts: readonly StoredPart[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ObjectInfo> {
    throwIfAborted(options.signal, 'complete');
    const made = this.#store.made(name, writeId);
    if (made) return made;
    const { byNumber, ...write } = this.#parts(name, writeId, 'complete');
    const call = this.#store.call('complete', name);
    const whole = new Blocks();
    for (const { number, receipt, sizeBytes } of parts) {
      const part = byNumber.get(number);
      if (part?.receipt !== receipt || part.blocks.sizeBytes !== sizeBytes) throw partMissing(call, number);
      part.blocks.appendTo(whole);
    }
    whole.trim();
    // The parts' bytes are counted until they are dropped, those of the object from then on.
    const info = this.#store.fill(name, write.reservation, whole, write.options);
    if (!info) throw otherVersion(call);
    this.#release(byNumber);
    this.#writes.delete(writeId);
    return info;
  }

  /** @returns whether there was something. */
  drop(writeId: WriteId): boolean {
    const write = this.#writes.get(writeId);
    if (write) this.#release(write.byNumber);
    return this.#writes.delete(writeId);
  }

  #release(byNumber: Parts['byNumber']): void {
    for (const { blocks } of byNumber.values()) this.#store.release(blocks);
  }

  #parts(name: ObjectName, writeId: WriteId, operation: Call['operation']): Parts {
    const parts = this.#writes.get(writeId);
    if (!parts) throw undoneMeanwhile(this.#store.call(operation, name));
    return parts;
  }
}

const stored = (number: number, { receipt, blocks }: Part): StoredPart => ({
  number,
  sizeBytes: blocks.sizeBytes,
  receipt,
});
