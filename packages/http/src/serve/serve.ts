import { type ByteRange, isFieldFileError } from '@fieldfile/storage';
import { methodNotAllowed, preconditionFailed, problem, rangeNotSatisfiable } from '../errors/problem.ts';
import { hasPreconditions, keepsRange, preconditionStatus } from './conditions.ts';
import { entityTagOf } from './entity-tag.ts';
import { cacheHeaders, contentHeaders, type HeaderFields } from './file-headers.ts';
import { checkServeOptions, type ServeOptions } from './options.ts';
import { parts } from './parts.ts';
import { type ByteSpan, lengthOf, parseRanges, type RangeSpec, satisfiable } from './ranges.ts';
import type { ContentInfo, Servable } from './servable.ts';
import { type Opened, type Source, sourceOf } from './source.ts';
import { WholeBody } from './whole-body.ts';

const MAX_RANGES = 32;

/** What is sent at once: the stream would cost more than the bytes. */
const AT_ONCE_BYTES = 64 * 1024;

/** The object may be replaced between the look at it and the reading. */
const MAX_TRIES = 4;

/**
 * Answers GET and HEAD with a file: conditions and ranges as RFC 9110 has them, and headers that are safe for what users
 * uploaded. Errors are answered, too, as problem details. Who may read the file is asked before.
 *
 * @throws `invalid-argument` for an option that is none.
 *
 * @example
 * ```ts
 * import { serve } from '@fieldfile/http';
 * import { MemoryStorage } from '@fieldfile/memory';
 *
 * const storage = new MemoryStorage();
 * const name = await storage.save('notes/a.txt', 'hello');
 * const response = await serve(new Request('http://localhost/a.txt'), { storage, name });
 * console.log(response.status, await response.text()); // 200 hello
 * ```
 */
export async function serve(request: Request, file: Servable, options: ServeOptions = {}): Promise<Response> {
  checkServeOptions(options);
  if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed(['GET', 'HEAD']);
  try {
    const source = sourceOf(file);
    for (let tries = 1; ; tries++)
      try {
        return await answer(request, source, options);
      } catch (error) {
        if (tries === MAX_TRIES || !isFieldFileError(error, 'precondition')) throw error;
      }
  } catch (error) {
    return problem(error, { request, ...(options.onError ? { onError: options.onError } : {}) });
  }
}

async function answer(request: Request, source: Source, options: ServeOptions): Promise<Response> {
  const { method, headers, signal } = request;
  const ranges = method === 'GET' ? rangesOf(headers) : undefined;
  const looksFirst = source.info !== undefined || method === 'HEAD' || hasPreconditions(headers);
  const range = ranges && onlyRange(ranges);
  if (looksFirst || (ranges && !range)) {
    const info = source.info ?? (await source.look({ signal }));
    return respond({ request, source, options, info, ranges, opened: undefined });
  }
  // In one call: the answer to it says what the object is.
  const opened = await source.open({ range, signal });
  try {
    return await respond({ request, source, options, info: opened.info, ranges, opened: { opened, range } });
  } catch (error) {
    await opened.dispose();
    throw error;
  }
}

interface Exchange {
  readonly request: Request;
  readonly source: Source;
  readonly options: ServeOptions;
  readonly info: ContentInfo;
  readonly ranges: readonly RangeSpec[] | undefined;
  /** What was opened before it was known what to send. */
  readonly opened: { readonly opened: Opened; readonly range: ByteRange | undefined } | undefined;
}

async function respond(exchange: Exchange): Promise<Response> {
  const { request, options, info, ranges, opened } = exchange;
  const now = new Date();
  const tag = info.version === undefined ? undefined : entityTagOf(info.version);
  const validators = { tag, lastModified: info.lastModified };
  const headers = cacheHeaders(tag, options);
  const status = preconditionStatus(request.headers, validators, now);
  if (status === 304) {
    if (!tag && info.lastModified) headers['last-modified'] = info.lastModified.toUTCString();
    return new Response(null, { status, headers });
  }
  if (status === 412) return preconditionFailed(request, headers);
  const spans = keepsRange(request.headers, validators, now) ? spansOf(ranges, info, options) : undefined;
  if (spans?.length === 0) {
    await opened?.opened.dispose();
    return rangeNotSatisfiable(info.sizeBytes ?? 0, headers);
  }
  Object.assign(headers, contentHeaders(request, info, options, now));
  return spans ? partial(exchange, headers, spans) : whole(exchange, headers);
}

async function whole(exchange: Exchange, headers: HeaderFields): Promise<Response> {
  const { info, request } = exchange;
  if (info.sizeBytes !== undefined) headers['content-length'] = String(info.sizeBytes);
  if (request.method === 'HEAD') return new Response(null, { headers });
  return new Response(await bodyOf(await open(exchange, undefined), info.sizeBytes), { headers });
}

async function partial(
  exchange: Exchange,
  headers: HeaderFields,
  spans: readonly ByteSpan[],
): Promise<Response> {
  const { sizeBytes = 0 } = exchange.info;
  const [span] = spans;
  if (span && spans.length === 1) {
    headers['content-range'] = `bytes ${span.first}-${span.last}/${sizeBytes}`;
    headers['content-length'] = String(lengthOf(span));
    const body = await bodyOf(await open(exchange, span), lengthOf(span));
    return new Response(body, { status: 206, headers });
  }
  const several = parts(spans, headers['content-type'] ?? '', sizeBytes, one => open(exchange, one));
  headers['content-type'] = several.contentType;
  headers['content-length'] = String(several.sizeBytes);
  return new Response(bodyInit(several), { status: 206, headers });
}

/** The bytes of a span, or all of them: those that are open already, or the same version's. */
async function open(
  { source, info, opened, request }: Exchange,
  span: ByteSpan | undefined,
): Promise<Opened> {
  const range = span && { start: span.first, endExclusive: span.last + 1 };
  if (opened) {
    if (covers(opened.range, span, info)) return opened.opened;
    await opened.opened.dispose();
  }
  return source.open({ range, version: info.version, signal: request.signal });
}

/** Whether what was opened blindly is what is sent. */
function covers(
  opened: ByteRange | undefined,
  span: ByteSpan | undefined,
  { sizeBytes = 0 }: ContentInfo,
): boolean {
  if (!opened || !span) return opened === undefined && span === undefined;
  const end = Math.min(opened.endExclusive ?? sizeBytes, sizeBytes);
  return opened.start === span.first && end === span.last + 1;
}

function rangesOf(headers: Headers): readonly RangeSpec[] | undefined {
  const header = headers.get('range');
  return header === null ? undefined : parseRanges(header);
}

/** The one range that can be opened before the length is known. */
function onlyRange(specs: readonly RangeSpec[]): ByteRange | undefined {
  const [spec, ...more] = specs;
  if (!spec || 'suffix' in spec || more.length > 0 || !Number.isSafeInteger(spec.first)) return undefined;
  const endExclusive = spec.last + 1;
  return { start: spec.first, ...(Number.isSafeInteger(endExclusive) ? { endExclusive } : {}) };
}

/** What is sent of the ranges; empty: nothing of them is there. Undefined: the whole. */
function spansOf(
  ranges: readonly RangeSpec[] | undefined,
  { sizeBytes }: ContentInfo,
  { maxRanges = MAX_RANGES }: ServeOptions,
): readonly ByteSpan[] | undefined {
  if (!ranges || sizeBytes === undefined) return undefined;
  const spans = satisfiable(ranges, sizeBytes);
  // The last bytes of an empty file are there, though there are none: no header can say which.
  if (spans.length === 0 && sizeBytes === 0 && ranges.some(spec => 'suffix' in spec && spec.suffix > 0))
    return undefined;
  return spans.length > maxRanges ? undefined : spans;
}

/** Few bytes are read before the answer begins: what fails then has a status, and nothing of them stays open. */
async function bodyOf(opened: Opened, sizeBytes: number = Number.POSITIVE_INFINITY): Promise<BodyInit> {
  if (!opened.bytes || sizeBytes > AT_ONCE_BYTES) return bodyInit(opened);
  return bodyInit({ body: new WholeBody(await opened.bytes()) });
}

/** TypeScript knows bodies of unshared memory only. */
const bodyInit = ({ body }: { readonly body: ReadableStream<Uint8Array> }): BodyInit => body as BodyInit;
