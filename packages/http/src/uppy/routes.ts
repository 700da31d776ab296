import { methodNotAllowed, problemResponse } from '../errors/problem.ts';
import type { Asked } from './asked.ts';
import { storeForm } from './form.ts';
import type { UppySettings } from './options.ts';
import { formParameters } from './params.ts';
import { abortUpload, beginUpload, completeUpload, listUpload, signBatch, signOne } from './parts.ts';

type Answer = (asked: Asked) => Promise<Response>;

type OfUpload = (asked: Asked, token: string, last: string) => Promise<Response>;

/** What stands behind the base. A token has letters, digits, `-`, `_` and one `.`. */
const ROUTES: readonly (readonly [RegExp, Readonly<Record<string, OfUpload>>])[] = [
  [/^s3\/params$/, { GET: formParameters }],
  [/^s3\/form$/, { POST: storeForm }],
  [/^s3\/multipart$/, { POST: beginUpload }],
  [/^s3\/multipart\/([\w-]+\.[\w-]+)$/, { GET: listUpload, DELETE: abortUpload }],
  [/^s3\/multipart\/([\w-]+\.[\w-]+)\/batch$/, { GET: signBatch }],
  [/^s3\/multipart\/([\w-]+\.[\w-]+)\/complete$/, { POST: completeUpload }],
  [/^s3\/multipart\/([\w-]+\.[\w-]+)\/(\d{1,5})$/, { GET: signOne }],
];

/** What answers the request, or the refusal of an address or a method that there is not. */
export function routeOf({ method, url }: Request, { base }: UppySettings): Answer | Response {
  const { pathname } = new URL(url);
  const path = pathname.startsWith(base) ? pathname.slice(base.length) : '';
  for (const [pattern, methods] of ROUTES) {
    const found = pattern.exec(path);
    if (!found) continue;
    const [, token = '', last = ''] = found;
    const answer = Object.hasOwn(methods, method) ? methods[method] : undefined;
    return answer ? asked => answer(asked, token, last) : methodNotAllowed(Object.keys(methods));
  }
  return problemResponse({ status: 404, title: 'There is no such upload' }, 'not-found', new Headers());
}
