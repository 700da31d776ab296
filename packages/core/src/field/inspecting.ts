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
    open: signal => withheld(source.open(signal), inspector, about),
  };
}

async function* withheld(
  chunks: AsyncIterable<Uint8Array>,
  { inspect, timeoutSeconds = TIMEOUT_SECONDS, maxBytes = Number.POSITIVE_INFINITY }: Inspector,
  about: About,
): AsyncGenerator<Uint8Array, void, undefined> {
  const ended = new AbortController();
  const passed = new PassedChunks();
  const verdict = judge(() => inspect(passed, { ...about, signal: ended.signal }), about);
  let isDecided = false;
  verdict.then(
    () => {
      isDecided = true;
    },
    () => passed.close(), // thrown where it is awaited; nobody reads on
  );
  let last: Uint8Array | undefined;
  let sizeBytes = 0;
  try {
    for await (const chunk of chunks) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) throw tooLarge(about, maxBytes);
      if (isDecided) {
        if (last) yield last;
        last = undefined;
        yield chunk;
        continue;
      }
      await inTime(Promise.race([verdict, passed.push(chunk)]), timeoutSeconds, about); // a refusal ends it at once
      if (last) yield last;
      last = chunk;
    }
    passed.end();
    await inTime(verdict, timeoutSeconds, about);
    if (last) yield last;
  } finally {
    passed.close();
    ended.abort();
  }
}

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
