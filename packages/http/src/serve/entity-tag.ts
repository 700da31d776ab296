/** An entity tag as RFC 9110 section 8.8.3 has it: `opaque` is what stands between the quotes. */
export interface EntityTag {
  readonly isWeak: boolean;
  readonly opaque: string;
}

/**
 * The tag of a stored version. A version that is an ETag already keeps its text, and stays weak if it was.
 * Undefined for an empty version: nothing is known then.
 */
export function entityTagOf(version: string): EntityTag | undefined {
  const [, weak, inner = version] = /^(W\/)?"(.*)"$/s.exec(version) ?? [];
  if (inner === '') return undefined;
  return { isWeak: weak !== undefined, opaque: inner.toWellFormed().replace(UNSAFE, encodeURIComponent) };
}

/** What may not stand between the quotes, or is kept out of it because some servers on the way change it. */
const UNSAFE = /[^\x21\x23-\x7e]/gu;

export const entityTagText = ({ isWeak, opaque }: EntityTag): string => `${isWeak ? 'W/' : ''}"${opaque}"`;

/** The tags of `If-Match` and `If-None-Match`; `'*'` for any. What is no entity tag is left out. */
export function parseEntityTags(header: string): '*' | readonly EntityTag[] {
  if (header.trim() === '*') return '*';
  const tags: EntityTag[] = [];
  for (const [, weak, opaque = ''] of header.matchAll(ELEMENT))
    if (opaque !== '') tags.push({ isWeak: weak !== undefined, opaque: opaque.slice(1, -1) });
  return tags;
}

/** One element of the list, up to its comma: a tag, or anything else. A comma within quotes belongs to the tag. */
const ELEMENT = /[ \t]*(?:(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)|[^,]+)/g;

/** RFC 9110 section 8.8.3.2: both strong, and the same. */
export const matchesStrongly = (one: EntityTag | undefined, other: EntityTag): boolean =>
  one !== undefined && !one.isWeak && !other.isWeak && one.opaque === other.opaque;

/** RFC 9110 section 8.8.3.2: the same, whether weak or not. */
export const matchesWeakly = (one: EntityTag | undefined, other: EntityTag): boolean =>
  one !== undefined && one.opaque === other.opaque;
