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
    await checkRow(handle, owner, name, options);
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

/**
 * Asks the row whether it still has the file, by an update that changes nothing: the name may be another row's by now.
 *
 * @throws `conflict` before a byte is written.
 */
async function checkRow(
  handle: Handle,
  owner: object | undefined,
  name: string,
  options: SaveOptions,
): Promise<void> {
  const { field } = handle;
  if (!field.model.binding || !field.keyOf(handle, owner) || handle.pending) return;
  const same = { storage: field.storage, values: { [field.name]: name } };
  await persist(new StagedChange(handle, owner, same), owner, options);
}
