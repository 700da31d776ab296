import type { Content } from '../content/content.ts';
import { guardedSource } from '../content/guarded-source.ts';
import { releaseContent } from '../content/one-shot-source.ts';
import { isSource, toSource } from '../content/to-source.ts';
import { FieldFileError, isFieldFileError } from '../errors/field-file-error.ts';
import { type ObjectName, objectName } from '../names/object-name.ts';
import { throwIfAborted } from './abort.ts';
import { checkCallOptions, checkExpiry, writeOptions } from './arguments.ts';
import type { CallOptions, ObjectInfo, WriteId } from './backend.ts';
import { candidatesOf } from './candidates-of.ts';
import { writesParts } from './capabilities.ts';
import { observed } from './diagnostics.ts';
import { type ErrorContext, inContext } from './error-context.ts';
import { locate } from './locate.ts';
import type {
  PartDigest,
  PartedWrite,
  PartedWrites,
  PartLimits,
  PartPlace,
  SignedPart,
  SignPartOptions,
  StoredPart,
  WritePartOptions,
} from './parts.ts';
import { hasPlace } from './places.ts';
import { Attempts, withRetries } from './retries.ts';
import type { Storage } from './storage.ts';
import type { SaveObjectOptions } from './storage-options.ts';

/** Options of {@link StorageParts.begin}, as those of `Storage.create`. */
export interface BeginPartsOptions
  extends Omit<SaveObjectOptions, 'onProgress' | 'maxSizeBytes' | 'sizeBytes' | 'digest'> {
  /** Clients will send parts, by {@link StorageParts.signPart}. Default: false. */
  readonly byClients?: boolean;
  /**
   * With `byClients`: clients can send this digest with each part. {@link PartedWrite.partDigest} says whether they have to.
   * Default: none.
   */
  readonly partDigest?: PartDigest;
}

export interface WriteOnePartOptions extends WritePartOptions {
  /** The part's length, where its content cannot tell it. */
  readonly sizeBytes?: number;
}

/** The parts of a storage's objects; undefined where its backend writes none. */
export function storageParts(storage: Storage): StorageParts | undefined {
  const { backend } = storage;
  return writesParts(backend) ? new StorageParts(storage, backend.parts) : undefined;
}

/**
 * Objects written in parts, with what every operation of a {@link Storage} does: names and numbers are checked, what is safe is
 * repeated, an abort is answered, and errors say what they are about. `Storage.undo` takes a write back, `Storage.settle` ends it.
 *
 * @example
 * ```ts
 * import { storageParts } from '@fieldfile/storage/parts';
 * import { MemoryStorage } from '@fieldfile/memory';
 *
 * const storage = new MemoryStorage();
 * const parts = storageParts(storage);
 * const write = await parts?.begin('notes/a.txt');
 * if (parts && write) {
 *   const one = await parts.writePart(write, { number: 1, offset: 0 }, 'Hello, ');
 *   const two = await parts.writePart(write, { number: 2, offset: 7 }, 'world');
 *   await parts.complete(write, [one, two]);
 *   await storage.settle(write.name, write.writeId);
 * }
 * ```
 */
export class StorageParts {
  readonly limits: PartLimits;
  /** Whether clients can send parts themselves. */
  readonly canSign: boolean;
  readonly #storage: Storage;
  readonly #parts: PartedWrites;

  constructor(storage: Storage, parts: PartedWrites) {
    this.#storage = storage;
    this.#parts = parts;
    this.limits = parts.limits;
    this.canSign = parts.signPart !== undefined;
  }

  /**
   * Holds `name`, or an alternative when it is taken, until the object is complete.
   *
   * @returns what is to be kept: with it, any process goes on.
   */
  begin(name: string, options: BeginPartsOptions = {}): Promise<PartedWrite> {
    const storage = this.#storage;
    return this.#run('begin', name, options, async ({ operation }) => {
      throwIfAborted(options.signal, operation);
      const { byClients = false, partDigest } = options;
      if (partDigest !== undefined && (partDigest !== 'crc32' || !byClients))
        throw new FieldFileError('invalid-argument', "partDigest is 'crc32', and goes with byClients.");
      const write = {
        ...writeOptions(options, storage.backend),
        ...(byClients ? { byClients } : {}),
        ...(partDigest ? { partDigest } : {}),
      };
      const names = await candidatesOf(storage, name, options, operation);
      let current = names.first;
      const next = async (refused: ObjectName): Promise<ObjectName> => {
        current = await names.next(refused);
        return current;
      };
      const attempts = new Attempts(storage.retry, options.signal);
      for (;;) {
        try {
          const begun = await this.#parts.begin({ first: current, next }, write);
          return { ...begun, name: this.#checked(operation, begun.name) };
        } catch (error) {
          if (isFieldFileError(error) && error.applied === 'unknown')
            await this.#takeBack(current, write.writeId, error);
          await attempts.orThrow(error);
        }
      }
    });
  }

  /**
   * Stores one part, taking its content over. Parts may be stored in any order, several at once.
   *
   * @throws `conflict` when the write was undone or is complete.
   */
  writePart(
    write: PartedWrite,
    place: PartPlace,
    content: Content,
    options: WriteOnePartOptions = {},
  ): Promise<StoredPart> {
    return this.#run('writePart', write.name, options, async context => {
      const { signal, onProgress, sizeBytes } = options;
      try {
        throwIfAborted(signal, context.operation);
        const checked = this.#written(context, write);
        this.#checkPlace(place, context);
        const { maxPartBytes } = this.limits;
        const limits = { maxObjectBytes: maxPartBytes, maxStreamBytes: maxPartBytes, sizeBytes };
        const source = guardedSource(toSource(content, context), limits, context);
        const call = { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
        const attempts = new Attempts(this.#storage.retry, signal);
        for (;;) {
          try {
            return await this.#parts.writePart(checked, place, source, call);
          } catch (error) {
            if (!source.repeatable) throw error;
            await attempts.orThrow(error);
          }
        }
      } catch (error) {
        if (!isSource(content) && !isFieldFileError(error, 'content-consumed')) releaseContent(content);
        throw error;
      }
    });
  }

  /**
   * Makes the object of these parts. It may be asked again, whatever became of the first time.
   *
   * @throws `precondition` when something else, or nothing, has the name; `conflict` when the write was undone; `integrity` when
   * a part is not there as it was stored.
   */
  complete(write: PartedWrite, parts: readonly StoredPart[], options: CallOptions = {}): Promise<ObjectInfo> {
    return this.#run('complete', write.name, options, async context => {
      throwIfAborted(options.signal, context.operation);
      const checked = this.#written(context, write);
      this.#checkParts(parts, context);
      const complete = (): Promise<ObjectInfo> => this.#parts.complete(checked, parts, options);
      const info = await withRetries(complete, this.#storage.retry, options.signal);
      return { ...info, name: this.#checked(context.operation, info.name) };
    });
  }

  /**
   * Removes what may be left of the parts beside an object that is complete. For whoever cannot know whether {@link complete} came
   * to its end: where it did, nothing is left. Costs no request where the storage can leave nothing.
   */
  settle({ name, writeId }: Pick<PartedWrite, 'name' | 'writeId'>, options: CallOptions = {}): Promise<void> {
    return this.#run('settle', name, options, async ({ operation }) => {
      throwIfAborted(options.signal, operation);
      const checked = this.#checked(operation, name);
      const settle = async (): Promise<void> => this.#parts.settle?.(checked, writeId, options);
      await withRetries(settle, this.#storage.retry, options.signal);
    });
  }

  /** @throws `unsupported` where clients cannot send parts: see {@link canSign}. */
  signPart(write: PartedWrite, place: PartPlace, options: SignPartOptions): Promise<SignedPart> {
    return this.#run('signPart', write.name, options, async context => {
      const { signPart } = this.#parts;
      if (!signPart) throw this.#unsupported(context);
      checkExpiry(options.expiresInSeconds);
      checkDigest(place, options.digest, context);
      this.#checkPlace(place, context);
      this.#checkPart({ number: place.number, sizeBytes: options.sizeBytes ?? 0 }, context);
      return signPart.call(this.#parts, this.#written(context, write), place, options);
    });
  }

  /** The parts that are stored, in order. @throws `unsupported` where clients cannot send parts. */
  listParts(write: PartedWrite, options: CallOptions = {}): Promise<readonly StoredPart[]> {
    return this.#run('listParts', write.name, options, async context => {
      throwIfAborted(options.signal, context.operation);
      const { listParts } = this.#parts;
      if (!listParts) throw this.#unsupported(context);
      const checked = this.#written(context, write);
      const list = (): Promise<readonly StoredPart[]> => listParts.call(this.#parts, checked, options);
      return withRetries(list, this.#storage.retry, options.signal);
    });
  }

  /** Without the signal: an abort must not leave a name held that nobody knows of. */
  async #takeBack(name: ObjectName, writeId: WriteId, lost: FieldFileError): Promise<void> {
    const { backend, retry } = this.#storage;
    await withRetries(() => backend.undo(name, writeId), retry, undefined).catch(() => {
      throw lost; // still `applied: 'unknown'`: whoever keeps a journal undoes it later
    });
  }

  #run<T>(
    operation: string,
    name: string,
    options: object,
    run: (context: ErrorContext & { readonly name: string }) => Promise<T>,
  ): Promise<T> {
    const { id } = this.#storage;
    const context = { operation, storage: id, name };
    return observed(operation, id, name, async () => {
      try {
        checkCallOptions(operation, options, id, name);
        if (!hasPlace(this.#storage)) await locate(this.#storage);
        return await run(context);
      } catch (error) {
        throw inContext(error, context);
      }
    });
  }

  #checked(operation: string, name: string): ObjectName {
    return objectName(name, this.#storage.backend.limits, operation, this.#storage.id);
  }

  /** What comes back from where it was kept is input. */
  #written({ operation }: ErrorContext, { name, writeId, id }: PartedWrite): PartedWrite {
    return { name: this.#checked(operation, name), writeId, id };
  }

  #checkPlace({ number, offset }: PartPlace, context: ErrorContext): void {
    if (!Number.isSafeInteger(number) || number < 1 || number > this.limits.maxParts)
      throw invalid(`A part's number is from 1 to ${this.limits.maxParts}, not ${number}`, context);
    if (!Number.isSafeInteger(offset) || offset < 0)
      throw invalid(`A part's offset is a whole number of bytes, not ${offset}`, context);
  }

  #checkPart({ number, sizeBytes }: Pick<StoredPart, 'number' | 'sizeBytes'>, context: ErrorContext): void {
    const { maxPartBytes } = this.limits;
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > maxPartBytes)
      throw invalid(`Part ${number} has 0 to ${maxPartBytes} bytes, not ${sizeBytes}`, context);
  }

  #checkParts(parts: readonly StoredPart[], context: ErrorContext): void {
    let last = 0;
    let total = 0;
    for (const [index, part] of parts.entries()) {
      this.#checkPlace({ number: part.number, offset: total }, context);
      this.#checkPart(part, context);
      const { number, sizeBytes } = part;
      if (number <= last) throw invalid(`Part ${number} comes after part ${last}`, context);
      if (sizeBytes < this.limits.minPartBytes && index < parts.length - 1)
        throw invalid(
          `Part ${number} has ${sizeBytes} bytes, and all but the last have ${this.limits.minPartBytes} or more`,
          context,
        );
      last = number;
      total += sizeBytes;
    }
    const { maxObjectBytes } = this.#storage.backend.limits;
    if (total > maxObjectBytes)
      throw new FieldFileError(
        'too-large',
        `The parts of ${JSON.stringify(context.name)} have ${total} bytes; at most ${maxObjectBytes} are allowed.`,
        context,
      );
  }

  #unsupported(context: ErrorContext): FieldFileError {
    return new FieldFileError(
      'unsupported',
      `Storage "${context.storage}" signs no parts (${context.operation}): ask canSign first.`,
      context,
    );
  }
}

/** It becomes a header, and comes from a client. */
function checkDigest({ number }: PartPlace, digest: unknown, context: ErrorContext): void {
  if (digest === undefined) return;
  const { algorithm, base64 } = (digest ?? {}) as { readonly algorithm?: unknown; readonly base64?: unknown };
  if (algorithm === 'crc32' && typeof base64 === 'string' && CRC32.test(base64)) return;
  throw invalid(`The digest of part ${number} is no CRC32: give its four bytes in base64`, context);
}

const CRC32 = /^[A-Za-z0-9+/]{5}[AQgw]==$/;

const invalid = (what: string, context: ErrorContext): FieldFileError =>
  new FieldFileError('invalid-argument', `${what} (${context.operation}).`, context);
