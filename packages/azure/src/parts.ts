import {
  type CallOptions,
  FieldFileError,
  isFieldFileError,
  type ObjectInfo,
  type Source,
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
  type StoredPart,
  type WriteOptions,
  type WritePartOptions,
} from '@fieldfile/storage/backend';
import { again } from './again.ts';
import { type Block, bodyOf, MAX_BLOCKS } from './blocks.ts';
import type { AzureContext } from './context.ts';
import { isAbsent, isDiscarded, isOtherVersion, isTaken } from './errors.ts';
import { isReservation, objectInfo, propertiesOf, told } from './object-info.ts';
import { findOwn } from './own-write.ts';
import { Call } from './request.ts';
import { reservation, reserve } from './reservation.ts';

/** What the backend checks before a request is made. */
export interface PartChecks {
  run<T>(operation: string, name: ObjectName, act: () => Promise<T>): Promise<T>;
  candidates(names: Candidates): Candidates;
  write<O extends WriteOptions>(options: O): O;
  undone(operation: string, name: ObjectName): Error;
}

/** What `PartedWrite.id` says. */
interface Begun {
  /** Of what holds the name. */
  readonly etag: string;
  readonly given: GivenToParts;
}

/** The receipt of a part without bytes, for which there is no block. */
const NOTHING = 'nothing';

/**
 * Objects in parts: each is a block under the name that is held, with an id that no other has. They become the object by a
 * commit, on the condition that the reservation is still there.
 */
export class AzureParts implements PartedWrites {
  readonly limits: PartLimits = {
    minPartBytes: 1,
    maxPartBytes: 4000 * 1024 * 1024,
    maxParts: MAX_BLOCKS,
  };
  readonly #context: AzureContext;
  readonly #checks: PartChecks;

  constructor(context: AzureContext, checks: PartChecks) {
    this.#context = context;
    this.#checks = checks;
  }

  begin(names: Candidates, options: BeginOptions): Promise<PartedWrite> {
    const {
      writeId,
      signal,
      onProgress: _,
      byClients: __,
      partDigest: ___,
      ...given
    } = this.#checks.write(options);
    const hold = (name: ObjectName): Promise<PartedWrite | undefined> =>
      this.#calling('begin', name, signal, async call => {
        try {
          const etag = await reserve(this.#context, call, name, writeId);
          return { name, writeId, id: JSON.stringify([etag, given]) };
        } catch (error) {
          if (isTaken(error)) return undefined;
          throw error;
        }
      });
    return firstFree(this.#checks.candidates(names), hold, signal);
  }

  writePart(
    write: PartedWrite,
    { number }: PartPlace,
    source: Source,
    { signal, onProgress }: WritePartOptions = {},
  ): Promise<StoredPart> {
    const { name } = write;
    const { etag, given } = this.#begun('writePart', write);
    return this.#calling('writePart', name, signal, async call => {
      const block = await wholeOf(source, signal);
      const { sizeBytes } = block;
      const id = blockId(number);
      const { encryptionScope } = this.#context.attributes(name, { ...given, writeId: write.writeId }).stored;
      // No condition can be set on a block. One that comes too late all the same is no part of anything, and goes in a week.
      if (!(await this.#isHeld(call, name, etag))) throw this.#checks.undone('writePart', name);
      if (sizeBytes > 0)
        await call.ask(abortSignal =>
          this.#context.blob(name).stageBlock(
            id,
            bodyOf(block, () => call.progress()),
            sizeBytes,
            {
              abortSignal,
              ...(encryptionScope === undefined ? {} : { encryptionScope }),
            },
          ),
        );
      if (!(await this.#isHeld(call, name, etag))) {
        await this.#discard(call, write);
        throw this.#checks.undone('writePart', name);
      }
      onProgress?.({ sentBytes: sizeBytes, totalBytes: sizeBytes });
      return { number, sizeBytes, receipt: sizeBytes > 0 ? id : NOTHING };
    });
  }

  complete(
    write: PartedWrite,
    parts: readonly StoredPart[],
    { signal }: CallOptions = {},
  ): Promise<ObjectInfo> {
    const context = this.#context;
    const { name, writeId } = write;
    const { etag, given } = this.#begun('complete', write);
    return this.#calling('complete', name, signal, async call => {
      const ids = parts.flatMap(part => this.#idOf(name, part));
      const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
      const attributes = context.attributes(name, { ...given, writeId });
      const commit = () =>
        call.ask(abortSignal =>
          context.blob(name).commitBlockList(ids, {
            ...attributes.stored,
            abortSignal,
            conditions: { ifMatch: etag },
          }),
        );
      const own = async (): Promise<ObjectInfo | undefined> => {
        const found = await findOwn(context, call, name, writeId);
        return found && !isReservation(found.contentType) ? found : undefined;
      };
      try {
        const answer = await again(context, call, name, commit, own);
        if ('name' in answer) return answer;
        // The MD5 in the answer is that of the list of blocks.
        return objectInfo(name, sizeBytes, { ...answer, contentMD5: undefined, ...propertiesOf(attributes) });
      } catch (error) {
        if (!isOtherVersion(error) && !isAbsent(error) && !isDiscarded(error)) throw error;
        const made = await own();
        if (made) return made;
        if (isDiscarded(error) && (await this.#isHeld(call, name, etag)))
          throw this.#missing(name, 'one of them is not there as it was stored');
        throw error;
      }
    });
  }

  async #isHeld(call: Call, name: ObjectName, etag: string): Promise<boolean> {
    try {
      const found = told(
        await call.ask(abortSignal => this.#context.blob(name).getProperties({ abortSignal })),
      );
      return found.etag === etag;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  /** Blocks under a name that nothing has are discarded by a commit. Under the name of an object they are nothing, and go by themselves. */
  async #discard(call: Call, { name, writeId }: PartedWrite): Promise<void> {
    const blob = this.#context.blob(name);
    try {
      const { etag = '' } = await call.ask(abortSignal =>
        blob.commitBlockList([], {
          abortSignal,
          conditions: { ifNoneMatch: '*' },
          ...reservation(writeId),
        }),
      );
      await call.ask(abortSignal => blob.delete({ abortSignal, conditions: { ifMatch: etag } }));
    } catch (error) {
      if (!isTaken(error) && !isOtherVersion(error) && !isAbsent(error)) throw error;
    }
  }

  #idOf(name: ObjectName, { number, receipt, sizeBytes }: StoredPart): readonly string[] {
    if (receipt === NOTHING && sizeBytes === 0) return [];
    if (Number(/^(\d{5})-/.exec(Buffer.from(receipt, 'base64').toString())?.[1]) === number) return [receipt];
    throw this.#missing(name, `part ${number} is not what was stored`);
  }

  #missing(name: ObjectName, what: string): FieldFileError {
    return new FieldFileError(
      'integrity',
      `The parts of ${JSON.stringify(name)} make no object: ${what} (complete).`,
      { operation: 'complete', name, applied: false },
    );
  }

  #calling<T>(
    operation: string,
    name: ObjectName,
    signal: AbortSignal | undefined,
    act: (call: Call) => Promise<T>,
  ): Promise<T> {
    return this.#checks.run(operation, name, async () => {
      const { timeoutMs } = this.#context.settings;
      const call = new Call({ signal, operation, timeoutMs }, true);
      try {
        return await act(call);
      } catch (error) {
        call.stop();
        throw isFieldFileError(error) ? error : call.explain(error);
      } finally {
        call.end();
      }
    });
  }

  /** @throws `invalid-argument` for a text that is none of ours. */
  #begun(operation: string, write: PartedWrite): Begun {
    return readPartedId({ operation }, write, ([etag, given]) =>
      typeof etag === 'string' && typeof given === 'object'
        ? { etag, given: given as GivenToParts }
        : undefined,
    );
  }
}

/** Of one length, as all ids of a blob must be, and of no other part, whoever sends it. */
const blockId = (number: number): string =>
  Buffer.from(`${String(number).padStart(5, '0')}-${newWriteId()}`).toString('base64');

async function wholeOf(source: Source, signal: AbortSignal | undefined): Promise<Block> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.open(signal)) chunks.push(chunk);
  source.hold?.(chunks);
  return { chunks, sizeBytes: chunks.reduce((sum, { byteLength }) => sum + byteLength, 0), release() {} };
}
