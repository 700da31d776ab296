import {
  type CallOptions,
  FieldFileError,
  type ObjectInfo,
  type Source,
  type WriteId,
} from '@fieldfile/storage';
import {
  type BeginOptions,
  type Candidates,
  firstFree,
  type GivenToParts,
  newWriteId,
  type ObjectName,
  type PartedWrite,
  type PartedWrites,
  type PartLimits,
  type PartPlace,
  readPartedId,
  runningDigest,
  type StoredPart,
  throwIfAborted,
  type WritePartOptions,
} from '@fieldfile/storage/backend';
import { attributesOfParted, type ObjectParametersOption, reservationOf } from './attributes.ts';
import type { Bucket, CallContext } from './bucket.ts';
import { isStatus } from './errors.ts';
import { objectInfo, type Resource, sizeOf } from './resource.ts';
import { ServiceError, UndoneError } from './service-error.ts';
import { undoWrite } from './upload.ts';

/** What one request composes at most. */
const MAX_SOURCES = 32;

/** What `PartedWrite.id` says. */
interface Begun {
  /** Of what holds the name. */
  readonly generation: string;
  readonly given: GivenToParts;
}

/** What parts need of their backend. */
export interface PartsContext {
  readonly id: string;
  readonly bucket: Bucket;
  readonly objectParameters: ObjectParametersOption | undefined;
  /** The folder of the parts of a write. */
  folderOf(writeId: WriteId): string;
  run<T>(operation: string, name: ObjectName, act: () => Promise<T>): Promise<T>;
}

/** Where a part of a composed object is. */
interface Piece {
  readonly name: ObjectName;
  readonly generation: string;
}

/**
 * Objects in parts: each part is an object of its own, in a folder of the write, marked as a reservation is, so that nobody sees
 * it. The service composes them onto the generation that holds the name, 32 at a time.
 */
export class GcsParts implements PartedWrites {
  readonly limits: PartLimits = { minPartBytes: 1, maxPartBytes: 5 * 1024 ** 4, maxParts: 100_000 };
  readonly #context: PartsContext;

  constructor(context: PartsContext) {
    this.#context = context;
  }

  begin(names: Candidates, options: BeginOptions): Promise<PartedWrite> {
    const { run, bucket } = this.#context;
    const { writeId, signal, onProgress: _, byClients: __, partDigest: ___, ...given } = options;
    const context = contextOf('begin', signal);
    const hold = (name: ObjectName): Promise<PartedWrite | undefined> =>
      run('begin', name, async () => {
        throwIfAborted(signal, 'begin');
        try {
          const held = reservationOf({ writeId }, true);
          const { generation } = await bucket.insert(name, [], held, { ifGenerationMatch: '0' }, context);
          return { name, writeId, id: JSON.stringify([generation, given]) };
        } catch (error) {
          if (isStatus(error, 412)) return undefined;
          throw error;
        }
      });
    return firstFree(names, hold, signal);
  }

  writePart(
    write: PartedWrite,
    { number }: PartPlace,
    source: Source,
    { signal, onProgress }: WritePartOptions = {},
  ): Promise<StoredPart> {
    const { run, bucket } = this.#context;
    const { name, writeId } = write;
    const { generation } = this.#begun('writePart', write);
    return run('writePart', name, async () => {
      throwIfAborted(signal, 'writePart');
      const context = contextOf('writePart', signal);
      const chunks: Uint8Array[] = [];
      const digest = runningDigest('crc32c');
      for await (const chunk of source.open(signal)) {
        chunks.push(chunk);
        digest.update(chunk);
      }
      source.hold?.(chunks);
      const sizeBytes = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
      const piece = `${number}-${newWriteId()}`;
      const at = this.#pieceName(writeId, piece);
      const attributes = { ...reservationOf({ writeId }), crc32c: digest.base64() };
      const stored = await bucket.insert(at, chunks, attributes, { ifGenerationMatch: '0' }, context);
      // Whoever has taken the write back meanwhile has not seen it.
      if ((await bucket.find(name, context))?.generation !== generation) {
        await bucket.delete(at, {}, { operation: 'writePart' });
        throw new UndoneError();
      }
      onProgress?.({ sentBytes: sizeBytes, totalBytes: sizeBytes });
      return { number, sizeBytes, receipt: `${piece}:${stored.generation}` };
    });
  }

  complete(
    write: PartedWrite,
    parts: readonly StoredPart[],
    { signal }: CallOptions = {},
  ): Promise<ObjectInfo> {
    const { run, bucket, objectParameters } = this.#context;
    const { name, writeId } = write;
    const { generation, given } = this.#begun('complete', write);
    const clear = (): Promise<void> => this.#clear(writeId, { operation: 'complete' });
    return run('complete', name, async () => {
      throwIfAborted(signal, 'complete');
      const context = contextOf('complete', signal);
      const attributes = attributesOfParted(name, { ...given, writeId }, objectParameters);
      const total = parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      let made: Resource;
      try {
        made = await this.#compose(write, parts, { attributes, generation, given, context });
      } catch (error) {
        if (!isStatus(error, 412) && !isStatus(error, 404)) throw error;
        // Another call may have been faster, or the answer of one before this was lost.
        const own = await bucket.findWrite(name, writeId, context);
        if (!own) throw await this.#why(error, write, generation, context);
        made = own;
      }
      if (sizeOf(made) !== total) {
        await undoWrite(bucket, name, writeId, { operation: 'complete' }, false, clear);
        throw this.#missing(name, 'they have another length than was stored');
      }
      await clear();
      return objectInfo(made);
    });
  }

  /** One request where `complete` came to its end: the folder is empty. */
  settle(name: ObjectName, writeId: WriteId, { signal }: CallOptions = {}): Promise<void> {
    return this.#context.run('settle', name, () => this.#clear(writeId, contextOf('settle', signal)));
  }

  #clear(writeId: WriteId, context: CallContext): Promise<void> {
    const { bucket, folderOf } = this.#context;
    return removeParts(bucket, folderOf(writeId), context);
  }

  /** In one request for a few parts; of many, 32 at a time become one. */
  async #compose(
    { name, writeId }: PartedWrite,
    parts: readonly StoredPart[],
    {
      attributes,
      generation,
      given,
      context,
    }: Begun & { readonly attributes: Record<string, unknown>; readonly context: CallContext },
  ): Promise<Resource> {
    const bucket = this.#context.bucket.giving(given);
    const condition = { ifGenerationMatch: generation };
    let pieces = parts.map(part => this.#pieceOf(name, writeId, part));
    if (pieces.length === 0) return bucket.insert(name, [], attributes, condition, context);
    while (pieces.length > MAX_SOURCES) {
      const groups = Array.from({ length: Math.ceil(pieces.length / MAX_SOURCES) }, (_, index) =>
        pieces.slice(index * MAX_SOURCES, (index + 1) * MAX_SOURCES),
      );
      pieces = [];
      for (const group of groups) {
        const at = this.#pieceName(writeId, `c-${newWriteId()}`);
        const whole = await bucket.compose(at, group, reservationOf({ writeId }), {}, context);
        pieces.push({ name: at, generation: whole.generation });
      }
    }
    return bucket.compose(name, pieces, attributes, condition, context);
  }

  /** What a refusal means: the write was undone, something else has the name, or a part is not there. */
  async #why(
    error: unknown,
    { name, writeId }: PartedWrite,
    generation: string,
    context: CallContext,
  ): Promise<unknown> {
    const there = await this.#context.bucket.find(name, context);
    if (there?.generation === generation)
      return this.#missing(name, 'one of them is not there as it was stored');
    // Nothing leads from its name to the parts any more. What was composed while they were removed has come after them.
    await this.#clear(writeId, { operation: 'complete' });
    if (!there) return new UndoneError();
    return isStatus(error, 412)
      ? error
      : new ServiceError(412, 'conditionNotMet', 'Another generation is there.');
  }

  #pieceOf(name: ObjectName, writeId: WriteId, { number, receipt }: StoredPart): Piece {
    const [, piece, its, generation] = /^((\d+)-[\w-]+):(\d+)$/.exec(receipt) ?? [];
    if (piece === undefined || generation === undefined || Number(its) !== number)
      throw this.#missing(name, `part ${number} is not what was stored`);
    return { name: this.#pieceName(writeId, piece), generation };
  }

  #pieceName(writeId: WriteId, piece: string): ObjectName {
    return `${this.#context.folderOf(writeId)}${piece}` as ObjectName;
  }

  #missing(name: ObjectName, what: string): FieldFileError {
    return new FieldFileError(
      'integrity',
      `The parts of ${JSON.stringify(name)} on storage "${this.#context.id}" make no object: ${what} (complete).`,
      { operation: 'complete', storage: this.#context.id, name, applied: false },
    );
  }

  /** @throws `invalid-argument` for a text that is none of ours. */
  #begun(operation: string, write: PartedWrite): Begun {
    return readPartedId({ operation, storage: this.#context.id }, write, ([generation, given]) =>
      typeof generation === 'string' && typeof given === 'object'
        ? { generation, given: given as GivenToParts }
        : undefined,
    );
  }
}

/** Removes the objects in the folder of a write. */
export async function removeParts(bucket: Bucket, folder: string, context: CallContext): Promise<void> {
  for (;;) {
    const { items = [] } = (await bucket.list({ prefix: folder, fields: 'kind,items(name)' }, context)) as {
      readonly items?: readonly { readonly name: ObjectName }[];
    };
    if (items.length === 0) return;
    const queue = items.values();
    const worker = async (): Promise<void> => {
      for (const { name } of queue) await bucket.delete(name, {}, context);
    };
    await Promise.all(Array.from({ length: 8 }, worker));
  }
}

const contextOf = (operation: string, signal: AbortSignal | undefined): CallContext => ({
  operation,
  ...(signal ? { signal } : {}),
});
