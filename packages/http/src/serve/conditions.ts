import {
  type EntityTag,
  entityTagText,
  matchesStrongly,
  matchesWeakly,
  parseEntityTags,
} from './entity-tag.ts';
import { parseHttpDate, wholeSeconds } from './http-date.ts';

/** What conditions are held against. */
export interface Validators {
  readonly tag?: EntityTag | undefined;
  readonly lastModified?: Date | undefined;
}

/** Headers that decide before anything is read. `If-Range` is not among them: it only decides about a range. */
const PRECONDITIONS = ['if-match', 'if-unmodified-since', 'if-none-match', 'if-modified-since'] as const;

export const hasPreconditions = (headers: Headers): boolean => PRECONDITIONS.some(name => headers.has(name));

/**
 * The status that a GET or HEAD ends with because of its conditions, in the order of RFC 9110 section 13.2.2.
 * Undefined: it goes on.
 */
export function preconditionStatus(
  headers: Headers,
  validators: Validators,
  now: Date,
): 304 | 412 | undefined {
  if (isRefused(headers, validators, now)) return 412;
  return isUnchanged(headers, validators, now) ? 304 : undefined;
}

function isRefused(headers: Headers, { tag, lastModified }: Validators, now: Date): boolean {
  const ifMatch = headers.get('if-match');
  if (ifMatch !== null) {
    const tags = parseEntityTags(ifMatch);
    return tags !== '*' && !tags.some(one => matchesStrongly(tag, one));
  }
  const since = dateOf(headers, 'if-unmodified-since', now);
  return since !== undefined && lastModified !== undefined && wholeSeconds(lastModified) > since;
}

function isUnchanged(headers: Headers, { tag, lastModified }: Validators, now: Date): boolean {
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== null) {
    const tags = parseEntityTags(ifNoneMatch);
    return tags === '*' || tags.some(one => matchesWeakly(tag, one));
  }
  const since = dateOf(headers, 'if-modified-since', now);
  return since !== undefined && lastModified !== undefined && wholeSeconds(lastModified) <= since;
}

/**
 * Whether a range may be answered with a part: without `If-Range`, or when the client has the very bytes that are here.
 * A weak tag never says so, nor a date other than the exact one.
 */
export function keepsRange(headers: Headers, { tag, lastModified }: Validators, now: Date): boolean {
  const ifRange = headers.get('if-range')?.trim();
  if (ifRange === undefined) return true;
  if (tag && !tag.isWeak && ifRange === entityTagText(tag)) return true;
  const date = parseHttpDate(ifRange, now);
  return date !== undefined && lastModified !== undefined && wholeSeconds(lastModified) === date;
}

/** Undefined where there is none, or it is no date: then the header is ignored. */
function dateOf(headers: Headers, name: string, now: Date): number | undefined {
  const text = headers.get(name);
  return text === null ? undefined : parseHttpDate(text.trim(), now);
}
