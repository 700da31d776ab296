import { createHash, hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BlobRequestConditions } from '@azure/storage-blob';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import {
  Attempts,
  ChunkGarbage,
  KeptBeginning,
  type ObjectName,
  type WriteOptions,
  withRetries,
} from '@fieldfile/storage/backend';
import { again } from './again.ts';
import { type Block, BlockReader, blockId, bodyOf, MAX_BLOCKS } from './blocks.ts';
import type { AzureContext, BlobAttributes } from './context.ts';
import { isReservation, objectInfo, propertiesOf } from './object-info.ts';
import { findOwn } from './own-write.ts';
import type { Call } from './request.ts';

/** The sending of one content. */
export class Upload {
  readonly #context: AzureContext;
  readonly #call: Call;
  readonly #source: Source;
  readonly #options: WriteOptions;
  #reader: BlockReader | undefined;
  #first: Block | undefined;
  #sentBytes = 0;
  #toldBytes = 0;
  readonly #onProgress = (): void => this.#call.progress();

  constructor(context: AzureContext, call: Call, source: Source, options: WriteOptions) {
    this.#context = context;
    this.#call = call;
    this.#source = source;
    this.#options = options;
  }

  /** Whether the content goes up as one streamed request. */
  get isSingleShot(): boolean {
    const { sizeBytes } = this.#source;
    return sizeBytes !== undefined && sizeBytes <= this.#context.settings.maxSingleShotBytes;
  }

  /** The content, when it fits into one block. Reads no more than one, and nothing where the length says no. */
  async wholeBlock(): Promise<Block | undefined> {
    const { sizeBytes, bytes } = this.#source;
    const { blockSizeBytes } = this.#context.settings;
    if (sizeBytes !== undefined && sizeBytes > blockSizeBytes) return undefined;
    if (bytes) return { chunks: [bytes], sizeBytes: bytes.byteLength, release() {} };
    // When this is all there is to read, nothing else is under way whose failure would have to end it.
    const signal = sizeBytes === undefined ? this.#call.signal : this.#options.signal;
    // One byte more, so that the end is seen.
    this.#reader = new BlockReader(this.#source.open(signal), blockSizeBytes + 1);
    const block = (await this.#reader.next()) ?? NOTHING;
    if (this.#reader.isOver) {
      this.#source.hold?.(block.chunks);
      return block;
    }
    this.#first = block;
    return undefined;
  }

  /** Sends what is in memory. */
  async put(name: ObjectName, block: Block, conditions: BlobRequestConditions): Promise<ObjectInfo> {
    const attributes = this.#context.attributes(name, this.#options);
    const answer = await this.#call.ask(abortSignal =>
      this.#context.blob(name).upload(bodyOf(block, this.#onProgress), block.sizeBytes, {
        ...attributes.stored,
        abortSignal,
        conditions,
        transactionalContentMD5: md5Of(block),
      }),
    );
    return objectInfo(name, block.sizeBytes, { ...answer, ...propertiesOf(attributes) });
  }

  /** Sends what is more than a block, in one streamed request or in blocks. */
  async fill(name: ObjectName, conditions: BlobRequestConditions): Promise<ObjectInfo> {
    const info = this.isSingleShot
      ? await this.#stream(name, conditions)
      : await this.#stage(name, conditions);
    this.done(info.sizeBytes);
    return info;
  }

  /** Ends what is under way, and tells the content. */
  stop(): void {
    this.#call.stop();
    this.#reader?.close();
  }

  done(sizeBytes: number): void {
    this.#sentBytes = sizeBytes;
    this.#report();
  }

  /** One request, and another as long as what was read of the content is in memory. */
  async #stream(name: ObjectName, conditions: BlobRequestConditions): Promise<ObjectInfo> {
    if (this.#source.replayable)
      return this.#streamOnce(name, conditions, () => this.#source.open(this.#call.signal));
    const { blockSizeBytes, retry } = this.#context.settings;
    const kept = new KeptBeginning(this.#source.open(this.#call.signal), blockSizeBytes);
    const attempts = new Attempts(retry, this.#call.signal);
    try {
      for (;;) {
        try {
          return await this.#streamOnce(name, conditions, () => kept.open());
        } catch (error) {
          if (!kept.isWhole) throw error;
          await this.#orThrow(attempts, error, name);
        }
      }
    } finally {
      kept.close();
    }
  }

  async #streamOnce(
    name: ObjectName,
    conditions: BlobRequestConditions,
    open: () => AsyncIterable<Uint8Array>,
  ): Promise<ObjectInfo> {
    const { sizeBytes = 0 } = this.#source;
    const attributes = this.#context.attributes(name, this.#options);
    const call = this.#call;
    // What was refused early may still be sending its body.
    const attempt = new AbortController();
    let failure: { readonly error: unknown } | undefined;
    const garbage = new ChunkGarbage();
    call.isPatient = false; // half a body makes no object
    this.#sentBytes = 0;
    const feed = async function* (this: Upload): AsyncGenerator<Uint8Array> {
      try {
        call.pause();
        for await (const chunk of open()) {
          call.progress();
          yield chunk;
          garbage.passed(chunk);
          this.#sentBytes += chunk.byteLength;
          this.#report();
          call.pause();
        }
        call.isPatient = true;
        call.progress();
      } catch (error) {
        failure = { error };
        throw error;
      }
    }.bind(this);
    try {
      const answer = await call.ask(signal =>
        this.#context.blob(name).upload(() => Readable.from(feed(), { objectMode: false }), sizeBytes, {
          ...attributes.stored,
          abortSignal: AbortSignal.any([signal, attempt.signal]),
          conditions,
        }),
      );
      return objectInfo(name, sizeBytes, { ...answer, ...propertiesOf(attributes) });
    } catch (error) {
      attempt.abort();
      // The SDK wraps what the content's own stream threw.
      throw failure ? failure.error : error;
    }
  }

  /** Waits before another attempt, or throws what happened: it is explained once, where it leaves the backend. */
  async #orThrow(attempts: Attempts, error: unknown, name: ObjectName): Promise<void> {
    const told = this.#context.explain(this.#call.explain(error), 'create', name);
    await attempts.orThrow(told).catch(ended => {
      throw ended === told ? error : ended;
    });
  }

  async #stage(name: ObjectName, conditions: BlobRequestConditions): Promise<ObjectInfo> {
    const blob = this.#context.blob(name);
    const attributes = this.#context.attributes(name, this.#options);
    const { ids, sizeBytes, md5 } = await this.#stageBlocks(name, attributes);
    const commit = (): ReturnType<typeof blob.commitBlockList> =>
      this.#call.ask(abortSignal =>
        blob.commitBlockList(ids, {
          ...attributes.stored,
          abortSignal,
          conditions,
          blobHTTPHeaders: { ...attributes.stored.blobHTTPHeaders, ...(md5 ? { blobContentMD5: md5 } : {}) },
        }),
      );
    const own = async (): Promise<ObjectInfo | undefined> => {
      const found = await findOwn(this.#context, this.#call, name, this.#options.writeId);
      return found && !isReservation(found.contentType) ? found : undefined;
    };
    const answer = await again(this.#context, this.#call, name, commit, own);
    if ('name' in answer) return answer;
    // The MD5 in the answer is that of the list of blocks.
    return objectInfo(name, sizeBytes, { ...answer, contentMD5: md5, ...propertiesOf(attributes) });
  }

  async #stageBlocks(
    name: ObjectName,
    { stored: { encryptionScope } }: BlobAttributes,
  ): Promise<{
    readonly ids: string[];
    readonly sizeBytes: number;
    readonly md5: Uint8Array | undefined;
  }> {
    const { concurrency, contentMd5 } = this.#context.settings;
    const blob = this.#context.blob(name);
    const whole = contentMd5 ? createHash('md5') : undefined;
    const underWay = new Set<Promise<void>>();
    const ids: string[] = [];
    let sizeBytes = 0;
    let failure: { readonly error: unknown } | undefined;
    const send = async (id: string, block: Block): Promise<void> => {
      try {
        await this.#repeated(name, abortSignal =>
          blob.stageBlock(id, bodyOf(block, this.#onProgress), block.sizeBytes, {
            abortSignal,
            ...(contentMd5 ? { transactionalContentMD5: md5Of(block) } : {}),
            ...(encryptionScope === undefined ? {} : { encryptionScope }),
          }),
        );
        block.release();
        this.#sentBytes += block.sizeBytes;
        this.#report();
      } catch (error) {
        failure ??= { error };
        this.#call.stop(); // also ends the wait for a source that hangs
      }
    };
    try {
      for (;;) {
        const block = await this.#nextBlock();
        if (failure || !block) break;
        for (const chunk of whole ? block.chunks : []) whole?.update(chunk);
        sizeBytes += block.sizeBytes;
        const id = blockId(this.#options.writeId, ids.length);
        ids.push(id);
        const sending = send(id, block).then(() => void underWay.delete(sending));
        underWay.add(sending);
        if (underWay.size >= concurrency) await Promise.race(underWay);
      }
    } catch (error) {
      failure ??= { error };
      this.#call.stop();
    }
    await Promise.all(underWay);
    if (failure) throw failure.error;
    return { ids, sizeBytes, md5: whole?.digest() };
  }

  /** A block is in memory, and replaces itself: one that broke off goes up once more, whatever the content. */
  #repeated(name: ObjectName, send: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
    const attempt = (): Promise<unknown> =>
      this.#call.ask(send).catch(error => {
        throw this.#context.explain(error, 'create', name);
      });
    return withRetries(attempt, this.#context.settings.retry, this.#call.signal);
  }

  async #nextBlock(): Promise<Block | undefined> {
    this.#reader ??= new BlockReader(this.#source.open(this.#call.signal), this.#blockSizeBytes());
    const first = this.#first;
    this.#first = undefined;
    return first ?? this.#reader.next();
  }

  /** A block blob has at most 50,000 blocks. */
  #blockSizeBytes(): number {
    const { blockSizeBytes } = this.#context.settings;
    return Math.max(blockSizeBytes, Math.ceil((this.#source.sizeBytes ?? 0) / MAX_BLOCKS));
  }

  /** Content that is sent again tells nothing until it is beyond that. */
  #report(): void {
    if (this.#sentBytes < this.#toldBytes) return;
    this.#toldBytes = this.#sentBytes;
    const { sizeBytes } = this.#source;
    this.#options.onProgress?.({
      sentBytes: this.#sentBytes,
      ...(sizeBytes === undefined ? {} : { totalBytes: sizeBytes }),
    });
  }
}

const NOTHING: Block = { chunks: [], sizeBytes: 0, release() {} };

function md5Of({ chunks }: Block): Uint8Array {
  const [first = new Uint8Array(), ...more] = chunks;
  if (more.length === 0) return hash('md5', first, 'buffer'); // at half the price
  const running = createHash('md5');
  for (const chunk of chunks) running.update(chunk);
  return running.digest();
}
