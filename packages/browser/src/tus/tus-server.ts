import { base64 } from '../digests/base64.ts';
import { sha256 } from '../digests/sha256.ts';
import { again } from '../errors/again.ts';
import { refusal, unexpected } from '../errors/refusal.ts';
import { UploadError } from '../errors/upload-error.ts';
import { absolute } from '../transport/absolute.ts';
import type { Answer, Call } from '../transport/send.ts';
import type { Context } from '../upload/context.ts';

/** What a server answers that does not have an upload, or not for this user. */
const GONE: readonly number[] = [403, 404, 410];

const VERSION = { 'tus-resumable': '1.0.0' };

/** Each request of tus, and what its answer must be. */
export class TusServer {
  readonly endpoint: string;
  readonly #context: Context;
  #checksum: string | undefined;
  #isAsked = false;

  constructor(context: Context, endpoint: string) {
    this.#context = context;
    this.endpoint = absolute(endpoint);
  }

  /** What it can do. A server that does not say it is asked for nothing more than tus itself. */
  async ask(signal: AbortSignal): Promise<void> {
    if (this.#isAsked) return;
    const answer = await this.#send({ method: 'OPTIONS', url: this.endpoint, signal });
    this.#isAsked = true;
    const mostBytes = Number(answer.header('tus-max-size') ?? Number.POSITIVE_INFINITY);
    if (this.#context.file.size > mostBytes)
      throw new UploadError('too-large', `The server takes files of up to ${mostBytes} bytes.`, {
        status: 413,
      });
    const algorithms = (answer.header('tus-checksum-algorithm') ?? '').split(',').map(name => name.trim());
    if (globalThis.crypto?.subtle) this.#checksum = algorithms.find(name => /^sha-?256$/i.test(name));
  }

  /** @returns the upload's address. */
  async create(metadata: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string> {
    const { file, filename, contentType } = this.#context;
    const answer = await this.#send({
      ...{ method: 'POST', url: this.endpoint, signal },
      headers: {
        'upload-length': String(file.size),
        'upload-metadata': Object.entries({ filename, filetype: contentType, ...metadata })
          .map(([name, value]) => `${name} ${base64(new TextEncoder().encode(value))}`.trim())
          .join(','),
      },
    });
    if (answer.status >= 400) throw refusal(answer);
    const location = answer.header('location');
    if (answer.status !== 201 || location === null) throw unexpected(answer, 'the address of an upload');
    return absolute(location, this.endpoint);
  }

  /** @returns undefined where it has no such upload of this file. */
  async offsetOf(url: string, signal: AbortSignal): Promise<number | undefined> {
    const answer = await this.#send({ method: 'HEAD', url, signal });
    if (GONE.includes(answer.status)) return undefined;
    if (answer.status >= 400) throw refusal(answer);
    const length = answer.header('upload-length');
    if (length !== null && Number(length) !== this.#context.file.size) return undefined;
    return offsetIn(answer);
  }

  /** @returns how much it has then. */
  async append(url: string, offset: number, part: Blob, signal: AbortSignal): Promise<number> {
    const checksum = this.#checksum;
    const answer = await this.#send({
      ...{ method: 'PATCH', url, body: part, signal },
      headers: {
        'content-type': 'application/offset+octet-stream',
        'upload-offset': String(offset),
        ...(checksum === undefined ? {} : { 'upload-checksum': `${checksum} ${await sha256(part)}` }),
      },
    });
    // Another offset, an upload that is gone, or bytes that were altered: the server is asked what it has.
    if ([404, 409, 410, 460].includes(answer.status)) throw again(refusal(answer), true);
    if (answer.status >= 400) throw refusal(answer);
    const now = offsetIn(answer);
    if (now > offset && now <= offset + part.size) return now;
    throw unexpected(answer, 'the bytes that were sent');
  }

  /** Nobody waits for it, and it outlives the page. What it does not reach, the server ends in its own time. */
  terminate(url: string): void {
    const { signal } = new AbortController();
    void this.#send({ method: 'DELETE', url, signal, keepalive: true }).catch(() => {});
  }

  async #send(call: Omit<Call, 'credentials' | 'idleSeconds'>): Promise<Answer> {
    const own = await this.#headers(call.url);
    const { transfer, idleSeconds } = this.#context;
    return transfer({
      ...{ ...call, idleSeconds, credentials: own.credentials },
      headers: { ...own.headers, ...call.headers },
    });
  }

  /** The caller's are for the server that the caller named, and for no other that it names. */
  async #headers(url: string): Promise<{ headers: Record<string, string>; credentials: boolean }> {
    if (new URL(url).origin !== new URL(this.endpoint).origin)
      return { headers: VERSION, credentials: false };
    const { headers, credentials } = await this.#context.own();
    return { headers: { ...headers, ...VERSION }, credentials };
  }
}

/** Of a server of tus, and of nothing that answers in its place. */
function offsetIn(answer: Answer): number {
  const text = answer.header('upload-offset');
  if (answer.status < 200 || answer.status > 299 || text === null || !/^\d{1,15}$/.test(text))
    throw unexpected(answer, 'an offset');
  return Number(text);
}
