import {
  type ByteRange,
  type CallOptions,
  FieldFileError,
  type ObjectInfo,
  type ObjectVersion,
  type OpenedObject,
  type OpenObjectOptions,
} from '@fieldfile/storage';
import { exactBody } from './exact-body.ts';
import type { ContentInfo, ReadableFile, Servable, ServableContent } from './servable.ts';

/** Bytes on their way; `body.cancel()` or `dispose` frees what is behind them. */
export interface Opened {
  readonly info: ContentInfo;
  readonly body: ReadableStream<Uint8Array>;
  /** All of them at once, in place of `body`; absent where only that is there. */
  bytes?(): Promise<Uint8Array<ArrayBuffer>>;
  dispose(): Promise<void>;
}

interface OpenOptions extends CallOptions {
  readonly range?: ByteRange | undefined;
  /** Only this version. @throws `precondition` for another one. */
  readonly version?: string | undefined;
}

/** What is served, whatever it is. */
export interface Source {
  /** What is known without asking anybody. */
  readonly info?: ContentInfo;
  look(options: CallOptions): Promise<ContentInfo>;
  open(options: OpenOptions): Promise<Opened>;
}

/** @throws `no-file` for a handle without a file. */
export function sourceOf(file: Servable): Source {
  if ('storage' in file) {
    const { storage, name } = file;
    return stored({
      name,
      info: options => storage.info(name, options),
      open: options => storage.open(name, options),
    });
  }
  if (!('stored' in file)) return ownContent(file);
  if (file.stored) return stored(file.stored);
  throw new FieldFileError('no-file', 'The handle has no file (serve).', { operation: 'serve' });
}

function stored(file: ReadableFile): Source {
  return {
    look: async options => contentInfo(await file.info(options), file.name),
    async open({ range, version, signal }) {
      const options: OpenObjectOptions = {
        ...range,
        ...(version ? { ifMatch: version as ObjectVersion } : {}),
        ...(signal ? { signal } : {}),
      };
      return new OpenedFile(await file.open(options), file.name);
    },
  };
}

/** The stream is made for who asks for it. */
class OpenedFile implements Opened {
  readonly info: ContentInfo;
  readonly #object: OpenedObject;

  constructor(object: OpenedObject, name: string) {
    this.info = contentInfo(object.info, name);
    this.#object = object;
  }

  get body(): ReadableStream<Uint8Array> {
    return this.#object.stream;
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#object.bytes();
  }

  async dispose(): Promise<void> {
    await this.#object[Symbol.asyncDispose]();
  }
}

function ownContent(content: ServableContent): Source {
  checkInfo(content.info);
  const { contentEncoding, ...given } = content.info;
  const codings = codingsOf(contentEncoding);
  const info = codings.length === 0 ? given : { ...given, contentEncoding: codings.join(', ') };
  return {
    info,
    look: async () => info,
    async open({ range, signal }) {
      const stream = await content.open(range, signal ? { signal } : {});
      const { start = 0, endExclusive = info.sizeBytes } = range ?? {};
      const body = endExclusive === undefined ? stream : exactBody(stream, endExclusive - start);
      return { info, body, dispose: () => body.cancel() };
    },
  };
}

/** @throws `invalid-argument`: headers would tell of a length or a time that is none. */
function checkInfo({ sizeBytes = 0, lastModified }: ContentInfo): void {
  const wrong = !(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0)
    ? 'sizeBytes is no whole number from 0'
    : lastModified && Number.isNaN(lastModified.getTime())
      ? 'lastModified is no time'
      : undefined;
  if (wrong)
    throw new FieldFileError('invalid-argument', `The info of this content is wrong: ${wrong} (serve).`, {
      operation: 'serve',
    });
}

/**
 * What reading gives, as opposed to what is stored: a storage decodes gzip, and then neither the length nor the digest is
 * that of the content.
 */
function contentInfo(info: ObjectInfo, name: string): ContentInfo {
  const { sizeBytes, version, lastModified, contentType, contentEncoding, digest } = info;
  const known = { version, lastModified, name, ...(contentType === undefined ? {} : { contentType }) };
  const codings = codingsOf(contentEncoding);
  if (codings.length === 1 && /^(?:x-)?gzip$/.test(codings[0] ?? '')) return known;
  return {
    ...known,
    sizeBytes,
    ...(digest === undefined ? {} : { digest }),
    ...(codings.length === 0 ? {} : { contentEncoding: codings.join(', ') }),
  };
}

/** `aws-chunked` is of a transfer, and some services keep it. */
const codingsOf = (contentEncoding = ''): string[] =>
  contentEncoding
    .toLowerCase()
    .split(',')
    .map(coding => coding.trim())
    .filter(coding => /^[\w-]+$/.test(coding) && coding !== 'identity' && coding !== 'aws-chunked');
