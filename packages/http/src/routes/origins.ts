import { FieldFileError } from '@fieldfile/storage';

/** Origins whose pages may ask by script. */
export type Origins = readonly string[] | '*';

/** What pages of other origins may do beside asking. */
export interface CrossOrigin {
  /** They may send cookies. Not with `'*'`. Default: false. */
  readonly credentials?: boolean;
  /** Headers that scripts may send. */
  readonly sent?: readonly string[];
  /** Headers that scripts may read beside those they may always. */
  readonly shown?: readonly string[];
}

/** @throws `invalid-argument` for what is no origin: `https://app.example.com`, without a path. */
export function checkOrigins(origins: unknown, operation: string): asserts origins is Origins {
  const isOrigin = (one: unknown): boolean =>
    typeof one === 'string' && URL.canParse(one) && new URL(one).origin === one;
  if (origins === '*' || (Array.isArray(origins) && origins.every(isOrigin))) return;
  throw new FieldFileError(
    'invalid-argument',
    `origins must be '*' or a list such as ["https://app.example.com"], not ${JSON.stringify(origins)}.`,
    { operation },
  );
}

/** Whether a browser asks what it may send. */
export const isPreflight = ({ method, headers }: Request): boolean =>
  method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method');

export function preflight(
  request: Request,
  origins: Origins,
  methods: readonly string[],
  allowed: CrossOrigin = {},
): Response {
  const response = new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } });
  if (!isAllowedOrigin(request, origins)) return withOrigin(request, origins, response);
  response.headers.set('access-control-allow-methods', methods.join(', '));
  response.headers.set('access-control-allow-headers', (allowed.sent ?? SENT).join(', '));
  response.headers.set('access-control-max-age', '600');
  return withOrigin(request, origins, response, allowed);
}

/**
 * Lets pages of allowed origins read an answer. Without credentials unless that is asked for: whoever has a signed URL needs
 * none. A cache must tell origins apart, allowed ones or not.
 */
export function withOrigin(
  request: Request,
  origins: Origins,
  answer: Response,
  { credentials = false, shown = SHOWN }: CrossOrigin = {},
): Response {
  if (origins.length === 0) return answer;
  const response = new Response(answer.body, answer); // one of `Response.redirect` takes no headers
  const { headers } = response;
  if (origins !== '*') headers.append('vary', 'origin');
  if (!isAllowedOrigin(request, origins)) return response;
  headers.set('access-control-allow-origin', origins === '*' ? '*' : (request.headers.get('origin') ?? ''));
  if (credentials && origins !== '*') headers.set('access-control-allow-credentials', 'true');
  headers.set('access-control-expose-headers', shown.join(', '));
  // Allowed for scripts, it is for `<img>` and `<video>`, too.
  if (headers.has('cross-origin-resource-policy'))
    headers.set('cross-origin-resource-policy', 'cross-origin');
  return response;
}

export const isAllowedOrigin = ({ headers }: Request, origins: Origins): boolean =>
  headers.has('origin') && (origins === '*' || origins.includes(headers.get('origin') ?? ''));

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
