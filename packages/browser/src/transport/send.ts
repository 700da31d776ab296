import { UploadError } from '../errors/upload-error.ts';
import { absolute } from './absolute.ts';

/** A timer beyond that ends at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** One request. */
export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Blob | string;
  /** Cookies go to other origins, too. */
  readonly credentials?: boolean;
  readonly signal: AbortSignal;
  /** After so many seconds without a byte it is given up, where the browser tells of bytes. */
  readonly idleSeconds: number;
  /** It outlives the page. */
  readonly keepalive?: boolean;
  /** Told how many bytes of a `Blob` the browser has sent. The server may have fewer. */
  readonly onSent?: (bytes: number) => void;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Of those that this page may read: a server of another origin shows what it exposes. */
  header(name: string): string | null;
}

/**
 * Makes a request, and gives the answer, whatever its status. Redirects are no answer: one that leads to a page to sign in
 * would look like a success.
 *
 * @throws {UploadError} `network` or `redirected`; what `signal` was aborted with.
 */
export function send(call: Call): Promise<Answer> {
  call.signal.throwIfAborted();
  // Only it tells how much of a body was sent. Service workers and servers have no such thing.
  return typeof XMLHttpRequest === 'function' && !call.keepalive ? byXhr(call) : byFetch(call);
}

function byXhr(call: Call): Promise<Answer> {
  const { method, headers = {}, body, credentials = false, signal, idleSeconds, onSent } = call;
  const url = absolute(call.url);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    };
    const fail = (error: unknown): void => {
      end();
      reject(error);
    };
    const giveUp = (): void => {
      fail(signal.reason);
      request.abort();
    };
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(
        () => {
          fail(noAnswer(`Nothing came for ${idleSeconds} seconds.`));
          request.abort();
        },
        Math.min(idleSeconds * 1000, LONGEST_TIMER),
      );
    };
    request.open(method, url);
    request.withCredentials = credentials;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (body instanceof Blob)
      request.upload.onprogress = ({ loaded }) => {
        wait();
        onSent?.(loaded);
      };
    request.onprogress = wait;
    request.onerror = () => fail(noAnswer());
    request.onload = () => {
      end();
      const { status, responseText: text, responseURL } = request;
      if (responseURL !== '' && responseURL !== url.replace(/#.*/, '')) reject(redirected());
      else resolve({ status, text, header: name => headerOf(request, name) });
    };
    signal.addEventListener('abort', giveUp);
    wait();
    request.send(body ?? null);
  });
}

/** Asked for one that is not exposed, a browser would write an error to its console. */
const headerOf = (request: XMLHttpRequest, name: string): string | null =>
  new RegExp(`^${name}: (.*)$`, 'im').exec(request.getAllResponseHeaders())?.[1] ?? null;

/** It does not tell whether anything moves, so it waits for as long as that takes. */
async function byFetch(call: Call): Promise<Answer> {
  const { method, headers = {}, body, credentials = false, signal, keepalive = false, onSent } = call;
  try {
    const response = await fetch(absolute(call.url), {
      ...{ method, headers, body: body ?? null, redirect: 'manual', signal, keepalive },
      credentials: credentials ? 'include' : 'same-origin',
    });
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400))
      throw redirected();
    const text = await response.text();
    if (body instanceof Blob) onSent?.(body.size);
    return { status: response.status, text, header: name => response.headers.get(name) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UploadError) throw error;
    throw noAnswer(undefined, error);
  }
}

function noAnswer(why = 'The server could not be reached.', cause?: unknown): UploadError {
  return new UploadError('network', why, { retryable: true, cause });
}

function redirected(): UploadError {
  return new UploadError('redirected', 'The server redirected the upload, which is not followed.');
}
