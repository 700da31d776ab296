import type { UploadInPieces } from '@fieldfile/core/resumable';
import { type Content, FieldFileError, isFieldFileError } from '@fieldfile/storage';
import type { StoredPart } from '@fieldfile/storage/parts';
import { takeOver } from './holders.ts';
import { Incoming, NO_BODY, type UploadBody } from './incoming.ts';
import { MemoryBudget, type TakenMemory } from './memory-budget.ts';
import { OtherOffsetError } from './other-offset-error.ts';
import { type PartSizes, partSizes, requirePossible } from './part-sizes.ts';
import type { Progress } from './progress.ts';
import { type KeptProgress, readProgress, replaceProgress } from './progress-object.ts';

/** Holds the bytes of one request against what the client says of them. */
export interface Verdict {
  update(chunk: Uint8Array): void;
  /** Asked once, after the last chunk. @throws what is wrong with them. */
  check(): void;
}

export interface AppendOptions {
  /** How much the client believes to have been kept. */
  readonly offset: number;
  /** Asked first. @throws what forbids to go on with it. */
  readonly check?: (progress: Progress) => void;
  /**
   * Asked before anything is changed, with the most bytes that belong to the upload.
   *
   * @throws what is wrong with the request.
   */
  readonly body: (leftBytes: number) => UploadBody;
  /** The upload's size, where the client says it now. */
  readonly sizeBytes?: number | undefined;
  /** With it, all of the body is kept or nothing. */
  readonly verdict?: Verdict | undefined;
}

/** A part ends, too, once it was so long on its way: it is what is lost when the process dies. */
const LONGEST_MS = 5000;

/** Of all parts that are gathered or sent in this process, whatever uploads they are of. */
const partMemory = new MemoryBudget({ allBytes: 32 * 1024 ** 2, slowMs: 2000 });

/** So often others may come first. */
const ATTEMPTS = 10;

/**
 * Keeps what a request brings, from the offset on. Whoever was at work on the upload is stopped: in this process that one keeps
 * what it has first; one of another process cannot write down what it does any more. A body that breaks is kept as far as it came.
 *
 * @returns how far the upload is. With its last byte the object is there.
 * @throws `conflict` for another offset, or when another request took over meanwhile; `not-found` for an upload that has ended;
 * `invalid-argument` for another size than was said before; `too-large` for more parts than the storage puts together; what the
 * body has thrown, once what came before is kept.
 */
export async function append(upload: UploadInPieces, options: AppendOptions): Promise<Progress> {
  using hold = await takeOver(keyOf(upload));
  const { kept, body } = await raised(upload, options);
  if (kept.progress.isComplete) return kept.progress;
  return await new Appending(upload, kept, body, options.verdict, hold.signal).run();
}

/** How far an upload is, once whoever is at work on it in this process has kept what came. @throws `not-found`. */
export async function look(upload: UploadInPieces): Promise<Progress> {
  const { progress } = await settled(upload);
  const { offset, sizeBytes, isComplete } = progress;
  // Its process died when nothing was missing but that.
  return offset === sizeBytes && !isComplete ? append(upload, { offset, body: () => NO_BODY }) : progress;
}

async function settled(upload: UploadInPieces): Promise<KeptProgress> {
  using _ = await takeOver(keyOf(upload));
  return await readProgress(upload);
}

const keyOf = ({ storage, progressName }: UploadInPieces): string => `${storage.id}\n${progressName}`;

/** Makes the upload this request's: nobody who began before can write down anything from now on. */
async function raised(
  upload: UploadInPieces,
  { offset, sizeBytes, body, check }: AppendOptions,
): Promise<{ readonly kept: KeptProgress; readonly body: UploadBody }> {
  let bytes: UploadBody | undefined;
  for (let attempt = 1; ; attempt++) {
    const kept = await readProgress(upload);
    const { progress } = kept;
    check?.(progress);
    if (progress.offset !== offset) throw new OtherOffsetError(progress.offset, offset);
    const size = sizeOf(progress, sizeBytes);
    requirePossible(upload.parts.limits, size);
    bytes ??= body(size === null ? Number.POSITIVE_INFINITY : size - offset);
    if (progress.isComplete) return { kept, body: bytes };
    // Of who held it a part may still come, which would be taken for one of ours.
    const nextPart = progress.isHeld ? progress.nextPart + 1 : progress.nextPart;
    const ours = { ...progress, sizeBytes: size, epoch: progress.epoch + 1, isHeld: true, nextPart };
    try {
      return { kept: await replaceProgress(upload, kept, ours), body: bytes };
    } catch (error) {
      if (!isFieldFileError(error, 'conflict') || attempt === ATTEMPTS) throw error;
    }
  }
}

function sizeOf({ sizeBytes, offset }: Progress, given: number | undefined): number | null {
  if (given === undefined || given === sizeBytes) return sizeBytes;
  if (sizeBytes === null && given >= offset) return given;
  throw new FieldFileError(
    'invalid-argument',
    `The upload has ${sizeBytes ?? `${offset} bytes already`}, and not ${given}: its size is said once.`,
    { operation: 'upload' },
  );
}

class Appending {
  readonly #upload: UploadInPieces;
  readonly #incoming: Incoming;
  readonly #verdict: Verdict | undefined;
  readonly #signal: AbortSignal;
  /** As it is written down. */
  #kept: KeptProgress;
  /** As it will be. The tail is in what is gathered. */
  #next: Progress;

  constructor(
    upload: UploadInPieces,
    kept: KeptProgress,
    body: UploadBody,
    verdict: Verdict | undefined,
    signal: AbortSignal,
  ) {
    const { progress } = kept;
    this.#upload = upload;
    this.#kept = kept;
    this.#verdict = verdict;
    this.#signal = signal;
    this.#next = {
      ...progress,
      offset: progress.offset - progress.tail.byteLength,
      tail: new Uint8Array(),
    };
    this.#incoming = new Incoming(body, progress.tail, chunk => verdict?.update(chunk));
  }

  async run(): Promise<Progress> {
    const stop = (): void => this.#incoming.stop();
    this.#signal.addEventListener('abort', stop);
    if (this.#signal.aborted) stop();
    try {
      await this.#keepAll();
    } finally {
      this.#signal.removeEventListener('abort', stop);
      this.#incoming.end();
    }
    const { offset, sizeBytes } = this.#kept.progress;
    if (offset === sizeBytes) await this.#complete();
    else if (this.#incoming.error !== undefined) throw this.#incoming.error;
    else if (this.#signal.aborted) throw stopped();
    return this.#kept.progress;
  }

  async #keepAll(): Promise<void> {
    const { limits } = this.#upload.parts;
    if (partSizes(limits, this.#next).isStreamed) await this.#keepStreamed();
    else await this.#keepGathered();
    await this.#keepRest();
  }

  /** Each part is written as it comes. */
  async #keepStreamed(): Promise<void> {
    const { limits } = this.#upload.parts;
    for (;;) {
      const sizes = partSizes(limits, this.#next);
      await this.#incoming.gather(sizes.leastBytes);
      if (!this.#isPart(this.#incoming.heldBytes, sizes)) return;
      const began = performance.now();
      const isEnough = (): boolean => performance.now() - began > LONGEST_MS;
      const stored = await this.#write(this.#incoming.take(sizes.mostBytes, isEnough));
      await this.#keepPart(stored, this.#isAllTaken);
    }
  }

  /** Each part is gathered, and sent while the next one is. */
  async #keepGathered(): Promise<void> {
    let sending: Promise<void> = Promise.resolve();
    let failure: { readonly error: unknown } | undefined;
    const sent = async (): Promise<void> => {
      await sending;
      if (failure) throw failure.error;
    };
    for (;;) {
      const part = await this.#gathered(sent);
      if (!part) return;
      const isAll = this.#isAllTaken;
      sending = this.#write(part.content)
        .then(stored => this.#keepPart(stored, isAll))
        .catch(error => {
          failure = { error };
          this.#incoming.stop(); // it may wait for bytes that nobody wants
        })
        .finally(() => part.memory[Symbol.dispose]());
    }
  }

  /**
   * What comes, once it is enough for a part; undefined when it is not, and nothing more comes.
   *
   * @param sent awaited before that is known: whether the part before was kept.
   */
  async #gathered(
    sent: () => Promise<void>,
  ): Promise<{ readonly content: Uint8Array; readonly memory: TakenMemory } | undefined> {
    const sizes = partSizes(this.#upload.parts.limits, this.#next);
    const memory = await partMemory.take(sizes.mostBytes, this.#signal);
    if (!memory) return void (await sent());
    let isPart = false;
    try {
      const filled = await this.#incoming.gatherInto(memory);
      await sent();
      isPart = this.#isPart(filled, sizes);
      if (isPart) return { content: memory.bytes.subarray(0, filled), memory };
      this.#incoming.giveBack(memory.bytes.slice(0, filled));
      return undefined;
    } finally {
      if (!isPart) memory[Symbol.dispose]();
    }
  }

  /** Whether it is enough for a part, or the last one. */
  #isPart(bytes: number, { leastBytes }: PartSizes): boolean {
    if (bytes === 0) return false;
    const { offset, sizeBytes } = this.#next;
    return bytes >= leastBytes || offset + bytes === sizeBytes;
  }

  get #isAllTaken(): boolean {
    return this.#incoming.isOver && this.#incoming.heldBytes === 0;
  }

  async #write(content: Content): Promise<StoredPart> {
    const { parts } = this.#upload;
    const { write, offset, nextPart } = this.#next;
    if (nextPart > parts.limits.maxParts)
      throw new FieldFileError('too-large', 'The upload came in too many pieces: begin it again.', {
        operation: 'upload',
      });
    return parts.writePart(write, { number: nextPart, offset }, content);
  }

  /** @param isAll nothing of the request is left to be kept. */
  async #keepPart(part: StoredPart, isAll: boolean): Promise<void> {
    const { offset, parts, nextPart } = this.#next;
    this.#next = {
      ...this.#next,
      offset: offset + part.sizeBytes,
      parts: [...parts, part],
      nextPart: nextPart + 1,
    };
    if (this.#verdict) await this.#keep({ ...this.#kept.progress, nextPart: nextPart + 1 });
    else await this.#keep({ ...this.#next, isHeld: !isAll });
  }

  /** What is too little for a part; or, where nothing but the whole body is kept, whether it is. */
  async #keepRest(): Promise<void> {
    const verdict = this.#verdict;
    if (verdict)
      try {
        if (this.#incoming.error !== undefined) throw this.#incoming.error;
        if (this.#signal.aborted) throw stopped();
        verdict.check();
      } catch (error) {
        await this.#keep({ ...this.#kept.progress, isHeld: false });
        throw error;
      }
    const { progress } = this.#kept;
    const tail = this.#incoming.takeGathered();
    if (!progress.isHeld && tail.byteLength === 0) return;
    await this.#keep({ ...this.#next, offset: this.#next.offset + tail.byteLength, tail, isHeld: false });
  }

  async #complete(): Promise<void> {
    const { progress } = this.#kept;
    await this.#upload.parts.complete(progress.write, progress.parts);
    const done = { ...progress, parts: [], isComplete: true };
    try {
      await this.#keep(done);
    } catch (error) {
      if (!isFieldFileError(error, 'conflict')) throw error; // another request writes that down
      this.#kept = { ...this.#kept, progress: done };
    }
  }

  async #keep(progress: Progress): Promise<void> {
    this.#kept = await replaceProgress(this.#upload, this.#kept, progress);
  }
}

const stopped = (): FieldFileError =>
  new FieldFileError('conflict', 'Another request goes on with the upload.', {
    operation: 'upload',
    retryable: true,
  });
