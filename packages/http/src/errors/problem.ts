import { isFieldFileError } from '@fieldfile/storage';
import { NOTHING } from '../safety/content-security-policy.ts';
import { type Problem, problemOf, unknownProblem } from './status.ts';

export interface ProblemOptions {
  /** The one that is answered: a HEAD gets no body. */
  readonly request?: Request;
  /** Told of errors with a status of 500 or more. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
  /** Further headers, which do not replace those of an error. */
  readonly headers?: HeadersInit;
}

/**
 * The answer to an error: its status, and problem details that tell the client what it can use and nothing else. Messages,
 * names, paths and stacks stay on the server.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 *
 * @example
 * ```ts
 * import { problem } from '@fieldfile/http';
 * import { FieldFileError } from '@fieldfile/storage';
 *
 * const response = problem(new FieldFileError('not-found', 'a.txt is not on storage "fs:/srv/media".'));
 * console.log(response.status, (await response.json()).code); // 404 not-found
 * ```
 */
export function problem(error: unknown, options: ProblemOptions = {}): Response {
  const known = isFieldFileError(error) ? error : undefined;
  const found = known ? problemOf(known) : unknownProblem(error);
  if (found.status >= 500) tell(error, options.onError ?? warn);
  const headers = new Headers(options.headers);
  if (known?.retryAfterSeconds !== undefined)
    headers.set('retry-after', String(Math.max(0, Math.ceil(known.retryAfterSeconds))));
  return problemResponse(found, known?.code ?? 'internal', headers, options.request);
}

/** 405, with what is allowed. */
export function methodNotAllowed(allowed: readonly string[]): Response {
  const headers = new Headers({ allow: allowed.join(', ') });
  return problemResponse({ status: 405, title: 'The method is not allowed' }, 'method-not-allowed', headers);
}

export const preconditionFailed = (request: Request, fields: HeadersInit): Response =>
  problemResponse(
    { status: 412, title: 'The file is another version' },
    'precondition',
    new Headers(fields),
    request,
  );

export function rangeNotSatisfiable(sizeBytes: number, fields: HeadersInit): Response {
  const headers = new Headers(fields);
  headers.set('content-range', `bytes */${sizeBytes}`);
  headers.set('accept-ranges', 'bytes');
  return problemResponse(
    { status: 416, title: 'The file has no such bytes' },
    'range-not-satisfiable',
    headers,
  );
}

export function problemResponse(
  { status, title }: Problem,
  code: string,
  headers: Headers,
  request?: Request,
): Response {
  const body = JSON.stringify({ type: `urn:fieldfile:problem:${code}`, title, status, code });
  headers.set('content-type', 'application/problem+json');
  headers.set('content-length', String(new TextEncoder().encode(body).byteLength));
  headers.set('cache-control', 'no-store');
  headers.set('x-content-type-options', 'nosniff');
  headers.set('content-security-policy', NOTHING);
  return new Response(request?.method === 'HEAD' ? null : body, { status, headers });
}

function tell(error: unknown, onError: (error: unknown) => void): void {
  try {
    onError(error);
  } catch {
    // A reporter that throws has nobody left to tell.
  }
}

function warn(error: unknown): void {
  globalThis.process?.emitWarning?.(error instanceof Error ? error : String(error), 'FieldFileWarning');
}
