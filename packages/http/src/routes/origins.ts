import { FieldFileError } from '@fieldfile/storage';

/** Origins whose pages may ask by script. */
export type Origins = readonly string[] | '*';

/** @throws `invalid-argument` for what is no origin: `https://app.example.com`, without a path. */
export function checkOrigins(origins: unknown): asserts origins is Origins {
  const isOrigin = (one: unknown): boolean =>
    typeof one === 'string' && URL.canParse(one) && new URL(one).origin === one;
  if (origins === '*' || (Array.isArray(origins) && origins.every(isOrigin))) return;
  throw new FieldFileError(
    'invalid-argument',
    `origins must be '*' or a list such as ["https://app.example.com"], not ${JSON.stringify(origins)}.`,
    { operation: 'mount' },
  );
}

/** Whether a browser asks what it may send. */
export const isPreflight = ({ method, headers }: Request): boolean =>
  method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method');

export function preflight(request: Request, origins: Origins, methods: readonly string[]): Response {
  const response = new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } });
  if (!isAllowed(request, origins)) return withOrigin(request, origins, response);
  response.headers.set('access-control-allow-methods', methods.join(', '));
  response.headers.set('access-control-allow-headers', SENT.join(', '));
  response.headers.set('access-control-max-age', '600');
  return withOrigin(request, origins, response);
}

/**
 * Lets pages of allowed origins read an answer. Never with credentials: whoever has a signed URL needs none. A cache must
 * tell origins apart, allowed ones or not.
 */
export function withOrigin(request: Request, origins: Origins, response: Response): Response {
  if (origins.length === 0) return response;
  const { headers } = response;
  if (origins !== '*') headers.append('vary', 'origin');
  if (!isAllowed(request, origins)) return response;
  headers.set('access-control-allow-origin', origins === '*' ? '*' : (request.headers.get('origin') ?? ''));
  headers.set('access-control-expose-headers', SHOWN.join(', '));
  // Allowed for scripts, it is for `<img>` and `<video>`, too.
  if (headers.has('cross-origin-resource-policy'))
    headers.set('cross-origin-resource-policy', 'cross-origin');
  return response;
}

const isAllowed = (request: Request, origins: Origins): boolean =>
  request.headers.has('origin') && (origins === '*' || origins.includes(request.headers.get('origin') ?? ''));

/** Headers that scripts may send. */
const SENT = [
  ...['content-type', 'content-md5', 'content-digest', 'repr-digest', 'range', 'if-range'],
  ...['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'],
];

/** Headers that scripts may read beside those they may always. */
const SHOWN = [
  'etag',
  'content-range',
  'content-disposition',
  'content-length',
  'accept-ranges',
  'repr-digest',
];
