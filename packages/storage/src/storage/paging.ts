import { FieldFileError } from '../errors/field-file-error.ts';
import type { ListOptions, ListPage } from './backend.ts';
import type { ListObjectsOptions } from './storage-options.ts';

/** The first page, where nobody said how long pages shall be. */
const FIRST_PAGE = 50;
const PAGE = 1000;

/**
 * How many objects a backend is asked for at a time: no more than are wanted, and few at first, since whoever looks at the
 * beginning often leaves there.
 */
export function pagingOf({
  limit = Number.POSITIVE_INFINITY,
  pageSize,
}: ListObjectsOptions): Pick<ListOptions, 'pageSize' | 'firstPageSize'> {
  if (pageSize !== undefined) return { pageSize: Math.min(pageSize, Math.max(limit, 1)) };
  if (limit < PAGE) return { pageSize: Math.max(limit, 1) };
  return { pageSize: PAGE, ...(limit === Number.POSITIVE_INFINITY ? { firstPageSize: FIRST_PAGE } : {}) };
}

/** @throws `invalid-argument` for a limit that is no whole number. */
export function checkLimit(limit: number | undefined): void {
  if (limit === undefined || limit === Number.POSITIVE_INFINITY) return;
  if (Number.isSafeInteger(limit) && limit >= 0) return;
  throw new FieldFileError(
    'invalid-argument',
    `limit must be a whole number of objects, 0 or more, not ${limit}.`,
  );
}

/** Pages with `limit` objects in all. Asks for no page when it has them. */
export async function* limited(
  pages: AsyncGenerator<ListPage, void, undefined>,
  limit: number | undefined,
): AsyncGenerator<ListPage, void, undefined> {
  if (limit === undefined) return yield* pages;
  let left = limit;
  if (left === 0) return;
  for await (const page of pages) {
    const objects = page.objects.slice(0, left);
    left -= objects.length;
    yield { ...page, objects };
    if (left === 0) return;
  }
}

/**
 * How long each page of a listing shall be: as was asked for and is possible, and where nobody said, four times the one
 * before it.
 */
export class PageSizes {
  readonly #most: number;
  #next: number;

  constructor({ pageSize, firstPageSize }: ListOptions, mostOfService: number) {
    this.#most = firstPageSize === undefined ? Math.min(pageSize, mostOfService) : mostOfService;
    this.#next = Math.min(firstPageSize ?? pageSize, this.#most);
  }

  next(): number {
    const size = this.#next;
    this.#next = Math.min(size * 4, this.#most);
    return size;
  }
}
