import { compareUtf8 } from '../names/utf8-order.ts';
import type { Backend, ListOptions, ListPage } from './backend.ts';
import { Attempts } from './retries.ts';
import type { RetryOptions } from './storage-options.ts';

/**
 * A backend's pages, going on after the last name where a page fails and may be asked for again. A listing without an
 * order cannot be resumed: there the error is the caller's.
 */
export async function* listPages(
  backend: Backend,
  options: ListOptions,
  retry: RetryOptions,
): AsyncGenerator<ListPage, void, undefined> {
  const attempts = new Attempts(retry, options.signal);
  let after = options.after;
  for (;;) {
    try {
      for await (const page of backend.list(after === undefined ? options : { ...options, after })) {
        yield page;
        after = lastName(page) ?? after;
      }
      return;
    } catch (error) {
      if (backend.listOrder !== 'utf-8' && after !== options.after) throw error;
      await attempts.orThrow(error);
    }
  }
}

/** Whichever comes last of a page's objects and folders. */
function lastName({ objects, folders }: ListPage): string | undefined {
  const object = objects.at(-1)?.name;
  const folder = folders.at(-1);
  if (object === undefined || folder === undefined) return object ?? folder;
  return compareUtf8(object, folder) > 0 ? object : folder;
}
