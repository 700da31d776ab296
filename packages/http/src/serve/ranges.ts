/** Bytes `first` to `last`, both included, as `Content-Range` has them. */
export interface ByteSpan {
  readonly first: number;
  readonly last: number;
}

/** One range as it was asked for, not yet held against a length. */
export type RangeSpec =
  | { readonly first: number; readonly last: number }
  /** The last so many bytes. */
  | { readonly suffix: number };

/**
 * The ranges of a `Range` header. Undefined for another unit than bytes, and for what is malformed: such a header is
 * ignored.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.1.1
 */
export function parseRanges(header: string): readonly RangeSpec[] | undefined {
  const [, list] = /^bytes=(.*)$/i.exec(header.trim()) ?? [];
  if (list === undefined) return undefined;
  const specs: RangeSpec[] = [];
  for (const element of list.split(',')) {
    const text = element.trim();
    if (text === '') continue;
    const spec = parseRange(text);
    if (!spec) return undefined;
    specs.push(spec);
  }
  return specs.length === 0 ? undefined : specs;
}

function parseRange(text: string): RangeSpec | undefined {
  const [, start, end] = /^(\d*)-(\d*)$/.exec(text) ?? [];
  if (start === undefined || end === undefined) return undefined;
  if (start === '') return end === '' ? undefined : { suffix: Number(end) };
  const first = Number(start);
  const last = end === '' ? Number.POSITIVE_INFINITY : Number(end);
  return isReversed(start, end) ? undefined : { first, last };
}

/** By their digits: numbers beyond 2^53 would all be the same. */
function isReversed(start: string, end: string): boolean {
  if (end === '') return false;
  const [from, to] = [start.replace(/^0+/, ''), end.replace(/^0+/, '')];
  return from.length === to.length ? from > to : from.length > to.length;
}

/**
 * What is there of the ranges that were asked for. Those that overlap or touch become one, so that no byte is sent twice;
 * they come in the order of the request.
 */
export function satisfiable(specs: readonly RangeSpec[], sizeBytes: number): readonly ByteSpan[] {
  const asked = specs.flatMap((spec, order) => {
    const span = spanOf(spec, sizeBytes);
    return span ? [{ ...span, order }] : [];
  });
  asked.sort((one, other) => one.first - other.first);
  const joined: (typeof asked)[number][] = [];
  for (const span of asked) {
    const before = joined.at(-1);
    if (!before || span.first > before.last + 1) joined.push(span);
    else
      joined[joined.length - 1] = {
        first: before.first,
        last: Math.max(before.last, span.last),
        order: Math.min(before.order, span.order),
      };
  }
  joined.sort((one, other) => one.order - other.order);
  return joined.map(({ first, last }) => ({ first, last }));
}

/** Undefined: nothing of it is there. */
function spanOf(spec: RangeSpec, sizeBytes: number): ByteSpan | undefined {
  const first = 'suffix' in spec ? Math.max(0, sizeBytes - spec.suffix) : spec.first;
  const last = 'suffix' in spec ? sizeBytes - 1 : Math.min(spec.last, sizeBytes - 1);
  return first > last ? undefined : { first, last };
}

export const lengthOf = ({ first, last }: ByteSpan): number => last - first + 1;
