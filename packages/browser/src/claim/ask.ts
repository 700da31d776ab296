import { refusal, unexpected } from '../errors/refusal.ts';
import { UploadError } from '../errors/upload-error.ts';
import { absolute } from '../transport/absolute.ts';
import type { Answer } from '../transport/send.ts';
import type { Context } from '../upload/context.ts';
import type { Asked, SignedRequest } from './claim.ts';

/** What is looked for in an answer. */
export interface Wanted<Given> {
  /** In words. */
  readonly what: string;
  /** @param address Where it comes from: a storage of that server may be told by a path. @throws for what it is not. */
  read(given: unknown, address: string | undefined): Given;
}

/** @throws {UploadError} what the server refuses; what a function throws is thrown as it is, but for a network that is not there. */
export async function ask<Question, Answered, Given>(
  context: Context,
  asked: Asked<Question, Answered>,
  question: Question,
  wanted: Wanted<Given>,
  signal: AbortSignal,
  keepalive = false,
): Promise<Given> {
  if (typeof asked === 'function') {
    const given = await networkErrors(async () => asked(question, { signal }), signal);
    if (!(given instanceof Response)) return wanted.read(given, undefined);
    const text = await networkErrors(() => given.text(), signal);
    const { status, url } = given;
    const answer = { status, text, header: (name: string) => given.headers.get(name) };
    return read(answer, wanted, url === '' ? undefined : url);
  }
  const url = absolute(asked);
  const answer = await context.ask({
    ...{ method: 'POST', url, body: JSON.stringify(question), signal, keepalive },
    headers: { 'content-type': 'application/json' },
  });
  return read(answer, wanted, url);
}

function read<Given>(answer: Answer, wanted: Wanted<Given>, address: string | undefined): Given {
  if (answer.status < 200 || answer.status > 299) throw refusal(answer);
  try {
    return wanted.read(JSON.parse(answer.text), address);
  } catch {
    throw unexpected(answer, wanted.what);
  }
}

/** @returns undefined for what is no request to a storage. */
export function requestIn(given: unknown, address: string | undefined): SignedRequest | undefined {
  const { url, method = '', headers } = (given ?? {}) as Partial<SignedRequest>;
  const isRequest =
    typeof url === 'string' &&
    /^(PUT|POST)$/.test(method) &&
    Object.values(headers ?? { none: null }).every(value => typeof value === 'string');
  const target = isRequest ? absolute(url, address) : '';
  return headers && /^https?:/.test(target) ? { url: target, method, headers } : undefined;
}

/** `fetch` says by a TypeError that there was no answer. */
async function networkErrors<Given>(work: () => Promise<Given>, signal: AbortSignal): Promise<Given> {
  try {
    return await work();
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof TypeError)) throw cause;
    throw new UploadError('network', `There is no answer: ${cause.message}`, { retryable: true, cause });
  }
}
