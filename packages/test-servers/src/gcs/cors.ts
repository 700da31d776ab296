import type { Bucket } from './bucket.ts';
import type { Exchange } from './exchange.ts';

/** One entry of a bucket's CORS configuration, as the JSON API has it. */
interface Rule {
  readonly origin?: readonly string[];
  readonly method?: readonly string[];
  readonly responseHeader?: readonly string[];
  readonly maxAgeSeconds?: number;
}

/**
 * Lets pages read an answer of the XML API, by the bucket's CORS configuration.
 *
 * @returns whether the request was a browser's question beforehand, which is answered.
 * @see https://cloud.google.com/storage/docs/cross-origin
 */
export function allowByRules(exchange: Exchange, { settings }: Bucket): boolean {
  const origin = exchange.header('origin');
  const isQuestion = exchange.method === 'OPTIONS';
  const method = isQuestion ? exchange.header('access-control-request-method') : exchange.method;
  const rule = (Array.isArray(settings.cors) ? (settings.cors as Rule[]) : []).find(
    one => includes(one.origin, origin) && includes(one.method, method),
  );
  const { responseHeader = [], maxAgeSeconds = 3600 } = rule ?? {};
  const asked = (exchange.header('access-control-request-headers') ?? '').split(',').filter(Boolean);
  const known = new Set(responseHeader.map(header => header.toLowerCase()));
  if (rule && origin && asked.every(header => known.has(header.trim())))
    show(exchange, origin, responseHeader, String(maxAgeSeconds));
  if (isQuestion) exchange.send(200);
  return isQuestion;
}

/**
 * Lets pages of one origin send to a resumable upload, whatever the origin of a request: that of the request which started it
 * counts. Without one, no page may read an answer.
 *
 * @returns as {@link allowByRules}.
 */
export function allowStarter(exchange: Exchange, startedBy: string | undefined): boolean {
  if (startedBy !== undefined && exchange.header('origin') !== undefined)
    show(exchange, startedBy, ['content-type', 'range', 'x-guploader-uploadid'], '3600');
  if (exchange.method === 'OPTIONS') exchange.send(200);
  return exchange.method === 'OPTIONS';
}

function show({ response, request }: Exchange, origin: string, shown: readonly string[], age: string): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', shown.join(', '));
  if (request.method !== 'OPTIONS') return;
  response.setHeader('access-control-allow-methods', 'GET, HEAD, PUT, POST, DELETE');
  response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '');
  response.setHeader('access-control-max-age', age);
}

const includes = (known: readonly string[] | undefined, value: string | undefined): boolean =>
  value !== undefined && (known?.includes('*') || known?.includes(value) || false);
