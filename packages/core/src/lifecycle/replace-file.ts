import type { Source } from '../content/source.ts';
import type { Content, SaveOptions } from '../field/field-file.ts';
import type { Handle } from '../field/handle.ts';
import { isHandle, requireName } from '../field/is-handle.ts';
import { namedContent } from '../field/named-content.ts';
import { operate } from './operate.ts';
import { persist } from './persist.ts';
import { columnValues, storeOptions } from './stage-content.ts';
import { StagedChange } from './staged-change.ts';

/** `handle.replace`: other bytes under the same name, then the columns that describe them. No rollback brings the old back. */
export function replaceFile(handle: Handle, content: Content, options: SaveOptions): Promise<void> {
  return operate(handle, 'replace', async owner => {
    const { field } = handle;
    const { storage } = field;
    const name = requireName(handle, 'replace');
    const named = namedContent(content, { name, ...options }, field.rules);
    const info = await storage.replace(
      name,
      bytesOf(named.from, options),
      storeOptions(handle, named, options),
    );
    const values = columnValues(handle, named, { name, info });
    if (Object.keys(values).length > 1)
      await persist(new StagedChange(handle, owner, { storage, values }), owner, options);
  });
}

const bytesOf = (from: Source | Handle, options: SaveOptions): Source | ReadableStream<Uint8Array> =>
  isHandle(from) ? from.stream(options.signal ? { signal: options.signal } : {}) : from;
