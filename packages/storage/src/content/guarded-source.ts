import { FieldFileError } from '../errors/field-file-error.ts';
import { type ComputableDigest, runningDigest } from './digest.ts';
import { heldChunks } from './held-chunks.ts';
import { removeLocalFile } from './local-source.ts';
import type { Source } from './source.ts';
import { type SourceContext, where } from './source-context.ts';

export interface Guard {
  /** The caller's limit. */
  readonly maxSizeBytes?: number | undefined;
  /** What fits in the storage, of known size and of unknown. */
  readonly maxObjectBytes: number;
  readonly maxStreamBytes: number;
  /** A length the caller declares. */
  readonly sizeBytes?: number | undefined;
  readonly digest?: ComputableDigest | undefined;
}

/** A source that holds its promises: what it declared is what it yields. */
export interface GuardedSource extends Source {
  /** Whether the content can be had once more, or was not taken yet. */
  readonly repeatable: boolean;
  /** Base64 of the digest asked for, once the last byte went by. */
  readonly digestBase64: string | undefined;
  /**
   * Its bytes are stored: takes the caller's file away, if it may be taken and its bytes were read. A backend that took
   * it as a file has seen to that itself.
   */
  consume(): Promise<void>;
}

/**
 * Checks length and limits, before a byte where they are known and while bytes stream where not, and computes the
 * digest on the way. A violation is thrown out of the iteration, so a backend undoes as for any failing source.
 *
 * @throws `too-large` beyond a limit, `integrity` when the length is not the declared one, `invalid-argument` for a
 * length or limit that is no whole number of bytes.
 */
export function guardedSource(source: Source, guard: Guard, context: SourceContext): GuardedSource {
  return new Guarded(source, guard, context);
}

class Guarded implements GuardedSource {
  readonly sizeBytes?: number;
  readonly replayable: boolean;
  readonly bytes?: Uint8Array;
  readonly local?: NonNullable<Source['local']>;
  readonly readInto?: NonNullable<Source['readInto']>;
  digestBase64: string | undefined;
  readonly #source: Source;
  readonly #digest: ComputableDigest | undefined;
  readonly #limit: number;
  readonly #context: SourceContext;
  #opened = false;
  #held: readonly Uint8Array[] | undefined;

  constructor(source: Source, guard: Guard, context: SourceContext) {
    const { declared, limit } = checkSize(source.sizeBytes, guard, context);
    this.#source = source;
    this.#digest = guard.digest;
    this.#limit = limit;
    this.#context = context;
    this.replayable = source.replayable;
    if (declared !== undefined) this.sizeBytes = declared;
    // Who takes these opens nothing, and would pass the digest by.
    if (source.bytes && !guard.digest) this.bytes = source.bytes;
    if (source.local && !guard.digest) this.local = source.local;
    if (source.readInto) this.readInto = this.#reading(source.readInto.bind(source));
  }

  get repeatable(): boolean {
    // A backend may have taken the file away without opening it.
    return this.replayable || this.#held !== undefined || !(this.#opened || this.#source.local);
  }

  hold(chunks: readonly Uint8Array[]): void {
    this.#held = chunks;
  }

  async consume(): Promise<void> {
    const { local } = this.#source;
    if (local?.consume && this.#opened) await removeLocalFile(local.path);
  }

  async *open(signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const passed = this.#passing();
    const chunks = this.#held
      ? heldChunks(this.#held, signal, this.#context.operation)
      : this.#source.open(signal);
    for await (const chunk of chunks) {
      passed(chunk);
      yield chunk;
    }
    passed(undefined);
  }

  #reading(readInto: NonNullable<Source['readInto']>): NonNullable<Source['readInto']> {
    let passed: ((chunk: Uint8Array | undefined) => void) | undefined;
    return async memory => {
      passed ??= this.#passing();
      const copied = await readInto(memory);
      passed(copied === 0 ? undefined : memory.subarray(0, copied));
      return copied;
    };
  }

  /** Is told of each chunk, and of the end. */
  #passing(): (chunk: Uint8Array | undefined) => void {
    this.#opened = true;
    const declared = this.sizeBytes;
    const digest = this.#digest && runningDigest(this.#digest);
    let total = 0;
    return chunk => {
      total += chunk?.byteLength ?? 0;
      if (declared !== undefined && total > declared)
        throw wrongLength(`more than ${declared}`, declared, this.#context);
      if (total > this.#limit) throw tooLarge(total, this.#limit, this.#context);
      if (chunk) return void digest?.update(chunk);
      if (declared !== undefined && total !== declared)
        throw wrongLength(`${total}`, declared, this.#context);
      this.digestBase64 = digest?.base64();
    };
  }
}

/**
 * The length that content of a known or unknown size must have, and the most it may have.
 *
 * @throws as {@link guardedSource}, before a byte.
 */
export function checkSize(
  known: number | undefined,
  { maxSizeBytes = Number.POSITIVE_INFINITY, sizeBytes, maxObjectBytes, maxStreamBytes }: Guard,
  context: SourceContext,
): { readonly declared: number | undefined; readonly limit: number } {
  if (sizeBytes !== undefined) checkBytes('sizeBytes', sizeBytes, context);
  if (maxSizeBytes !== Number.POSITIVE_INFINITY) checkBytes('maxSizeBytes', maxSizeBytes, context);
  const declared = sizeBytes ?? known;
  if (known !== undefined && declared !== undefined && known !== declared)
    throw wrongLength(`${known}`, declared, context);
  const limit = Math.min(maxSizeBytes, declared === undefined ? maxStreamBytes : maxObjectBytes);
  if (declared !== undefined && declared > limit) throw tooLarge(declared, limit, context);
  return { declared, limit };
}

/** A limit that is not a number would limit nothing: no comparison with NaN is true. */
function checkBytes(option: string, value: number, context: SourceContext): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new FieldFileError(
    'invalid-argument',
    `${option} must be a whole number of bytes, not ${value}${where(context)}.`,
    context,
  );
}

const tooLarge = (size: number, limit: number, context: SourceContext): FieldFileError =>
  new FieldFileError(
    'too-large',
    `The content${where(context)} has ${size} bytes or more; at most ${limit} are allowed.`,
    context,
  );

const wrongLength = (found: string, declared: number, context: SourceContext): FieldFileError =>
  new FieldFileError(
    'integrity',
    `The content${where(context)} has ${found} bytes, but ${declared} were declared. Nothing is stored.`,
    context,
  );
