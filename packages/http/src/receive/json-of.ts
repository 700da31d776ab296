import type { Limits } from './limits.ts';
import { refusedRequest } from './refused-request.ts';
import { RequestBody } from './request-body.ts';
import { textOf } from './text-of.ts';

/** A request that asks in JSON. @throws `malformed-request`; `request-too-large`; `too-slow`. */
export async function jsonOf(request: Request, limits: Limits): Promise<Readonly<Record<string, unknown>>> {
  const text = await textOf(new RequestBody(request, limits), undefined, limits.maxBytes);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw refusedRequest('malformed-request', 'The request is no JSON.', error);
  }
  if (typeof content === 'object' && content !== null) return content as Readonly<Record<string, unknown>>;
  throw refusedRequest('malformed-request', 'The request is no object of JSON.');
}
