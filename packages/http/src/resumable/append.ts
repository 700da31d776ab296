import type { UploadInPieces } from '@fieldfile/core/resumable';
import { FieldFileError, isFieldFileError } from '@fieldfile/storage';
import { takeOver } from './holders.ts';
import { Incoming, NO_BODY, type UploadBody } from './incoming.ts';
import { MemoryBudget } from './memory-budget.ts';
import { OtherOffsetError } from './other-offset-error.ts';
import { type PartSizes, partSizes, requirePossible } from './part-sizes.ts';
import { highestInUse, PartsUnderWay } from './parts-under-way.ts';
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
  const began = await raised(upload, options);
  const { progress } = began.kept;
  if (progress.isComplete) return progress;
  return await new Appending(upload, began, options.verdict, hold.signal).run();
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

/** What a request has made its own. */
interface Raised {
  readonly kept: KeptProgress;
  /** The number that its first part gets. */
  readonly nextPart: number;
  readonly body: UploadBody;
}

/** Makes the upload this request's: nobody who began before can write down anything from now on. */
async function raised(
  upload: UploadInPieces,
  { offset, sizeBytes, body, check }: AppendOptions,
): Promise<Raised> {
  let bytes: UploadBody | undefined;
  for (let attempt = 1; ; attempt++) {
    const kept = await readProgress(upload);
    const { progress } = kept;
    check?.(progress);
    if (progress.offset !== offset) throw new OtherOffsetError(progress.offset, offset);
    const size = sizeOf(progress, sizeBytes);
    requirePossible(upload.parts.limits, size);
    bytes ??= body(size === null ? Number.POSITIVE_INFINITY : size - offset);
    // Of who held it parts may still come, which would be taken for ours.
    const nextPart = progress.isHeld ? progress.nextPart + 1 : progress.nextPart;
    if (progress.isComplete) return { kept, nextPart, body: bytes };
    const held = { isHeld: true, nextPart: highestInUse(nextPart) };
    const ours = { ...progress, sizeBytes: size, epoch: progress.epoch + 1, ...held };
    try {
      return { kept: await replaceProgress(upload, kept, ours), nextPart, body: bytes };
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
  readonly #underWay: PartsUnderWay;
  /** Aborted when nothing more is to be gathered. */
  readonly #enough: AbortController = new AbortController();

  constructor(
    upload: UploadInPieces,
    { kept, nextPart, body }: Raised,
    verdict: Verdict | undefined,
    signal: AbortSignal,
  ) {
    this.#upload = upload;
    this.#verdict = verdict;
    this.#signal = signal;
    this.#incoming = new Incoming(body, kept.progress.tail, verdict && (chunk => verdict.update(chunk)));
    this.#underWay = new PartsUnderWay(upload, kept, {
      nextPart,
      keepsEach: verdict === undefined,
      onFailure: this.#giveUp,
    });
  }

  async run(): Promise<Progress> {
    this.#signal.addEventListener('abort', this.#stop);
    if (this.#signal.aborted) this.#stop();
    try {
      await this.#keepAll();
    } finally {
      this.#signal.removeEventListener('abort', this.#stop);
      this.#incoming.end();
    }
    const { offset, sizeBytes, tail } = this.#kept;
    // With a tail not all of it is in parts: it was stopped before there was memory for them.
    if (offset === sizeBytes && tail.byteLength === 0) return await this.#complete();
    if (this.#incoming.error !== undefined) throw this.#incoming.error;
    if (this.#signal.aborted) throw stopped();
    return this.#kept;
  }

  /** As it is written down. */
  get #kept(): Progress {
    return this.#underWay.kept.progress;
  }

  /** What waits for bytes, or for memory, ends. */
  readonly #giveUp = (): void => {
    this.#incoming.stop();
    this.#enough.abort();
  };

  /** Another request wants to go on. It finds the upload whole where all of it is here. */
  readonly #stop = (): void => {
    const { offset, sizeBytes } = this.#underWay.begun;
    if (offset + this.#incoming.heldBytes === sizeBytes) this.#incoming.stop();
    else this.#giveUp();
  };

  async #keepAll(): Promise<void> {
    try {
      if (this.#sizes.isStreamed) await this.#keepStreamed();
      else await this.#keepGathered();
    } finally {
      await this.#underWay.end();
    }
    await this.#keepRest();
  }

  /** Each part is written as it comes. */
  async #keepStreamed(): Promise<void> {
    for (;;) {
      await this.#underWay.room();
      const sizes = this.#sizes;
      await this.#incoming.gather(sizes.leastBytes);
      if (!this.#isPart(this.#incoming.heldBytes, sizes)) return;
      const began = performance.now();
      const isEnough = (): boolean => performance.now() - began > LONGEST_MS;
      const content = this.#incoming.take(sizes.mostBytes, isEnough);
      this.#underWay.begin({ content });
      await this.#underWay.allStored();
    }
  }

  /** Each part is gathered, and sent while the next ones are. */
  async #keepGathered(): Promise<void> {
    for (;;) {
      await this.#underWay.room();
      const sizes = this.#sizes;
      const memory = await partMemory.take(sizes.mostBytes, this.#enough.signal);
      if (!memory) return;
      let isBegun = false;
      try {
        const sizeBytes = await this.#incoming.gatherInto(memory);
        const content = memory.bytes.subarray(0, sizeBytes);
        if (!this.#isPart(sizeBytes, sizes)) return this.#incoming.giveBack(content.slice());
        this.#underWay.begin({ content, sizeBytes, memory });
        isBegun = true;
      } finally {
        if (!isBegun) memory[Symbol.dispose]();
      }
    }
  }

  get #sizes(): PartSizes {
    return partSizes(this.#upload.parts.limits, this.#underWay.begun);
  }

  /** Whether it is enough for a part, or the last one. */
  #isPart(bytes: number, { leastBytes }: PartSizes): boolean {
    if (bytes === 0) return false;
    const { offset, sizeBytes } = this.#underWay.begun;
    return bytes >= leastBytes || offset + bytes === sizeBytes;
  }

  /** What is too little for a part; or, where nothing but the whole body is kept, whether it is. */
  async #keepRest(): Promise<void> {
    const underWay = this.#underWay;
    const { stored } = underWay;
    const verdict = this.#verdict;
    if (verdict)
      try {
        if (this.#incoming.error !== undefined) throw this.#incoming.error;
        if (this.#signal.aborted) throw stopped();
        verdict.check();
      } catch (error) {
        await underWay.keep({ ...this.#kept, nextPart: stored.nextPart, isHeld: false });
        throw error;
      }
    const tail = this.#incoming.takeGathered();
    await underWay.keep({ ...stored, offset: stored.offset + tail.byteLength, tail });
  }

  async #complete(): Promise<Progress> {
    const progress = this.#kept;
    await this.#upload.parts.complete(progress.write, progress.parts);
    const done = { ...progress, parts: [], isComplete: true };
    try {
      await this.#underWay.keep(done);
    } catch (error) {
      if (!isFieldFileError(error, 'conflict')) throw error; // another request writes that down
    }
    return done;
  }
}

const stopped = (): FieldFileError =>
  new FieldFileError('conflict', 'Another request goes on with the upload.', {
    operation: 'upload',
    retryable: true,
  });
