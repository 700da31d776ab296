import type { UploadInPieces } from '@fieldfile/core/resumable';
import { type Content, FieldFileError } from '@fieldfile/storage';
import type { StoredPart } from '@fieldfile/storage/parts';
import type { Progress } from './progress.ts';
import { type KeptProgress, replaceProgress } from './progress-object.ts';

/** Of one upload at once, where there is memory for them. */
const MOST_UNDER_WAY = 4;

/** So many numbers a request takes before it uses them: a part that is sent does not wait until more are written down. */
const NUMBERS_AHEAD = 16;

/** What is stored is written down this long after what was before it: that is what is lost when the process dies. */
const KEPT_EACH_MS = 1000;

/** The highest number that may be in use where the next part gets this one: whoever takes over begins above it. */
export const highestInUse = (nextPart: number): number => nextPart + NUMBERS_AHEAD - 1;

export interface UnderWayOptions {
  /** The number that the first part gets. */
  readonly nextPart: number;
  /** Whether parts are written down as they are stored, and not all of them at the end or none. */
  readonly keepsEach: boolean;
  /** Nothing more can be stored, or written down. */
  readonly onFailure: () => void;
}

/** A part to store. */
export interface PartToStore {
  readonly content: Content;
  /** Undefined where its content tells it by its end: no other part is begun before. */
  readonly sizeBytes?: number;
  /** Where it is in memory: given back once nothing more is sent of it. */
  readonly memory?: Disposable;
}

/**
 * The parts of one request that are on their way to the storage. Now and then those are written down that are stored, up to the
 * first which is not, while others are sent.
 */
export class PartsUnderWay {
  readonly #upload: UploadInPieces;
  readonly #options: UnderWayOptions;
  /** In the order of their numbers, from the first that is not stored. */
  readonly #parts: UnderWay[] = [];
  #kept: KeptProgress;
  /** With the parts that are stored, up to the first gap. */
  #stored: Progress;
  /** With all parts that were begun. */
  #begun: Pick<Progress, 'sizeBytes' | 'offset' | 'nextPart'>;
  /** More is stored than is written down. */
  #isBehind = false;
  #keptAt = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;
  /** Nothing is written down by itself any more. */
  #isEnding = false;
  #canKeep = true;
  #failure: { readonly error: unknown } | undefined;

  /** @param kept its tail is before the first part. */
  constructor(upload: UploadInPieces, kept: KeptProgress, options: UnderWayOptions) {
    const { progress } = kept;
    const { sizeBytes, tail } = progress;
    const offset = progress.offset - tail.byteLength;
    this.#upload = upload;
    this.#options = options;
    this.#kept = kept;
    this.#stored = { ...progress, offset, tail: new Uint8Array() };
    this.#begun = { sizeBytes, offset, nextPart: options.nextPart };
  }

  /** As it is written down. */
  get kept(): KeptProgress {
    return this.#kept;
  }

  /** As it is written down once what is stored is, and nobody is at work on it. */
  get stored(): Progress {
    return { ...this.#stored, nextPart: this.#begun.nextPart, isHeld: false };
  }

  /** Where the next part will be. */
  get begun(): Pick<Progress, 'sizeBytes' | 'offset' | 'nextPart'> {
    return this.#begun;
  }

  /** Waits until another part may be begun. @throws why that will not be. */
  async room(): Promise<void> {
    while (this.#parts.length >= MOST_UNDER_WAY && !this.#failure) await this.#parts[0]?.ended;
    while (this.#begun.nextPart > this.#kept.progress.nextPart && !this.#failure) await this.#writeDown();
    this.#throwFailure();
  }

  /** Begins to store a part. There is room. @throws what has failed meanwhile; `too-large` where it is one too many. */
  begin(part: PartToStore): void {
    const { offset, nextPart: number } = this.#begun;
    if (number > this.#upload.parts.limits.maxParts) this.#fail(tooMany(), []);
    this.#throwFailure();
    this.#begun = { ...this.#begun, offset: offset + (part.sizeBytes ?? 0), nextPart: number + 1 };
    const underWay = new UnderWay();
    this.#parts.push(underWay);
    underWay.ended = this.#store(underWay, part, { number, offset });
    // Before numbers run out.
    if (number + MOST_UNDER_WAY > this.#kept.progress.nextPart) void this.#writeDown();
  }

  /** Waits until no part is on its way. @throws what has failed. */
  async allStored(): Promise<void> {
    await Promise.all(this.#parts.map(({ ended }) => ended));
    this.#throwFailure();
  }

  /** Waits until nothing is under way any more. @throws what has failed, once what is stored is written down. */
  async end(): Promise<void> {
    await Promise.all(this.#parts.map(({ ended }) => ended));
    this.#isEnding = true;
    clearTimeout(this.#timer);
    await this.#writing;
    if (this.#failure && this.#isBehind) await this.#writeDown();
    this.#throwFailure();
  }

  /** Writes down how far the upload is. Nothing else is under way. */
  async keep(progress: Progress): Promise<void> {
    this.#kept = await replaceProgress(this.#upload, this.#kept, progress);
  }

  async #store(
    underWay: UnderWay,
    { content, sizeBytes, memory }: PartToStore,
    place: { readonly number: number; readonly offset: number },
  ): Promise<void> {
    try {
      const { parts } = this.#upload;
      // One whose content comes in meanwhile ends with that; a signal would have it copied in chunks.
      const options = sizeBytes === undefined ? {} : { signal: underWay.stop.signal };
      const stored = await parts.writePart(this.#stored.write, place, content, options);
      underWay.stored = stored;
      if (sizeBytes === undefined)
        this.#begun = { ...this.#begun, offset: this.#begun.offset + stored.sizeBytes };
    } catch (error) {
      // Those before it may still come, and are kept.
      this.#fail(error, this.#parts.slice(this.#parts.indexOf(underWay) + 1));
    } finally {
      memory?.[Symbol.dispose]();
    }
    this.#advance();
  }

  #advance(): void {
    for (let part = this.#parts[0]?.stored; part; part = this.#parts[0]?.stored) {
      this.#parts.shift();
      const { offset, parts } = this.#stored;
      this.#stored = { ...this.#stored, offset: offset + part.sizeBytes, parts: [...parts, part] };
      this.#isBehind = this.#options.keepsEach;
    }
    this.#keepSoon();
  }

  #keepSoon(): void {
    if (!this.#isBehind || this.#isEnding || this.#writing || this.#timer) return;
    const inMs = this.#keptAt + KEPT_EACH_MS - performance.now();
    if (inMs <= 0) void this.#writeDown();
    else this.#timer = setTimeout(() => void this.#writeDown(), inMs);
  }

  /** One at a time. Never rejects. */
  #writeDown(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
      this.#keepSoon();
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    if (!this.#canKeep) return;
    this.#isBehind = false;
    this.#keptAt = performance.now();
    const base = this.#options.keepsEach ? this.#stored : this.#kept.progress;
    try {
      await this.keep({ ...base, nextPart: highestInUse(this.#begun.nextPart), isHeld: true });
    } catch (error) {
      this.#canKeep = false;
      this.#fail(error, this.#parts);
    }
  }

  #fail(error: unknown, others: readonly UnderWay[]): void {
    this.#failure ??= { error };
    for (const { stop } of others) stop.abort();
    this.#options.onFailure();
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

const tooMany = (): FieldFileError =>
  new FieldFileError('too-large', 'The upload came in too many pieces: begin it again.', {
    operation: 'upload',
  });

/** One part on its way. */
class UnderWay {
  readonly stop: AbortController = new AbortController();
  /** Resolves however it ends. */
  ended: Promise<void> = Promise.resolve();
  stored: StoredPart | undefined;
}
