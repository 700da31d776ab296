import { FieldFileError, isFieldFileError, type Source } from '@fieldfile/storage';
import type { DeclaredField } from './declared-field.ts';
import type { InspectedContent, Inspector } from './inspection.ts';
import type { DescribedContent } from './named-content.ts';
import { PassedChunks } from './passed-chunks.ts';

type About = Omit<InspectedContent, 'signal'>;

/** Half a minute: a scanner takes milliseconds a MiB. */
const TIMEOUT_SECONDS = 30;

/** Content as its field's inspector lets it through; itself where there is none. */
export function throughInspector(source: Source, field: DeclaredField, named: DescribedContent): Source {
  const { inspector, label } = field;
  if (!inspector) return source;
  const { originalName: filename, contentType } = named;
  return inspecting(source, inspector, {
    field: label,
    filename,
    contentType,
    sizeBytes: named.sizeBytes ?? source.sizeBytes,
  });
}

/**
 * A source whose last chunk comes once the inspector has said that it may. A refusal, a failure and a silence end it with an
 * error before: every storage makes an object at the end of its source, so that there is none.
 */
export function inspecting(
  { sizeBytes, replayable, ...source }: Source,
  inspector: Inspector,
  about: About,
): Source {
  if (sizeBytes !== undefined && inspector.maxBytes !== undefined && sizeBytes > inspector.maxBytes)
    throw tooLarge(about, inspector.maxBytes);
  return {
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(source.release ? { release: () => source.release?.() } : {}),
    ...(source.hold ? { hold: (chunks: readonly Uint8Array[]) => source.hold?.(chunks) } : {}),
    replayable,
    open: signal => new Withheld(source.open(signal), inspector, about),
  };
}

/**
 * Chunks, of which the last one is held back until the verdict. From then on it stands in nobody's way: chunks come from the
 * source as they are.
 */
class Withheld implements AsyncIterableIterator<Uint8Array> {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #inspector: Inspector;
  readonly #about: About;
  readonly #ended = new AbortController();
  readonly #passed = new PassedChunks();
  #verdict: Promise<void> | undefined;
  #state: 'judging' | 'passing' | 'over' = 'judging';
  #isDecided = false;
  #refusal: { readonly error: unknown } | undefined;
  #last: Uint8Array | undefined;
  #sizeBytes = 0;

  constructor(chunks: AsyncIterable<Uint8Array>, inspector: Inspector, about: About) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#inspector = inspector;
    this.#about = about;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return this.#state === 'passing' ? this.#chunks.next() : this.#guarded();
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#end('over');
    await this.#chunks.return?.();
    return OVER;
  }

  async #guarded(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#state === 'over') return OVER;
    this.#verdict ??= this.#judged();
    try {
      return this.#isDecided ? await this.#decided() : await this.#undecided(this.#verdict);
    } catch (error) {
      this.#end('over');
      await Promise.resolve(this.#chunks.return?.()).catch(() => {}); // what went wrong first is told
      throw error;
    }
  }

  #judged(): Promise<void> {
    const { inspect } = this.#inspector;
    const verdict = judge(
      () => inspect(this.#passed, { ...this.#about, signal: this.#ended.signal }),
      this.#about,
    );
    verdict.then(
      () => {
        this.#isDecided = true;
      },
      (error: unknown) => {
        this.#refusal = { error };
        this.#passed.close(); // nobody reads on
      },
    );
    return verdict;
  }

  async #undecided(verdict: Promise<void>): Promise<IteratorResult<Uint8Array, undefined>> {
    const { timeoutSeconds = TIMEOUT_SECONDS } = this.#inspector;
    while (!this.#isDecided) {
      const { done, value } = await this.#read();
      if (done) {
        this.#passed.end();
        await inTime(verdict, timeoutSeconds, this.#about);
        break;
      }
      const waits = this.#isDecided ? undefined : this.#passed.push(value);
      if (waits) await inTime(Promise.race([verdict, waits]), timeoutSeconds, this.#about);
      else if (this.#refusal) throw this.#refusal.error;
      const last = this.#last;
      this.#last = value;
      if (last) return { done: false, value: last };
    }
    return this.#decided();
  }

  async #decided(): Promise<IteratorResult<Uint8Array, undefined>> {
    const last = this.#last;
    this.#last = undefined;
    if (last) return { done: false, value: last };
    if (this.#inspector.maxBytes === undefined) this.#end('passing');
    return this.#read();
  }

  async #read(): Promise<IteratorResult<Uint8Array, undefined>> {
    const { maxBytes = Number.POSITIVE_INFINITY } = this.#inspector;
    let read = await this.#chunks.next();
    while (!read.done && read.value.byteLength === 0) read = await this.#chunks.next(); // it would be held back for nothing
    this.#sizeBytes += read.done ? 0 : read.value.byteLength;
    if (this.#sizeBytes > maxBytes) throw tooLarge(this.#about, maxBytes);
    return read;
  }

  #end(state: 'passing' | 'over'): void {
    this.#state = state;
    this.#passed.close();
    if (!this.#isDecided) this.#ended.abort();
  }
}

const OVER = { done: true, value: undefined } as const;

/** @throws `not-accepted` for what is refused; `not-inspected` for what nobody could judge. */
async function judge(run: () => Promise<string | undefined>, about: About): Promise<void> {
  let reason: string | undefined;
  try {
    reason = await run();
  } catch (error) {
    throw isFieldFileError(error, 'not-accepted')
      ? error
      : notInspected(about, 'the inspector failed', error);
  }
  if (reason !== undefined) throw refused(about, reason);
}

/** @throws `not-inspected` when the inspector neither reads on nor decides. */
async function inTime(step: Promise<void>, seconds: number, about: About): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    const late = (): void => reject(notInspected(about, `nothing came of the inspector for ${seconds} s`));
    timer = setTimeout(late, seconds * 1000);
  });
  try {
    await Promise.race([step, silence]);
  } finally {
    clearTimeout(timer);
  }
}

const refused = ({ field, filename }: About, reason: string): FieldFileError =>
  new FieldFileError(
    'not-accepted',
    `${field} does not take ${JSON.stringify(filename)}: ${reason} Nothing was stored.`,
    { operation: 'inspect', field, name: filename, applied: false },
  );

const notInspected = ({ field, filename }: About, why: string, cause?: unknown): FieldFileError =>
  new FieldFileError(
    'not-inspected',
    `${JSON.stringify(filename)} could not be inspected for ${field}: ${why}. Nothing was stored; try again.`,
    {
      operation: 'inspect',
      field,
      name: filename,
      applied: false,
      ...(cause === undefined ? {} : { cause }),
    },
  );

const tooLarge = ({ field, filename }: About, maxBytes: number): FieldFileError =>
  new FieldFileError(
    'too-large',
    `${JSON.stringify(filename)} has more than the ${maxBytes} bytes that are inspected for ${field}: nothing was stored.`,
    { operation: 'inspect', field, name: filename, applied: false },
  );
