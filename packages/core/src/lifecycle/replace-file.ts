import type { Source } from '../content/source.ts';
import { FieldFileError } from '../errors/field-file-error.ts';
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
  { signal }: SaveOptions,
): Promise<void> {
  const { field } = handle;
  const { binding } = field.model;
  const key = field.keyOf(handle, owner);
  if (!binding || !key || handle.pending) return;
  const same = { [field.name]: name };
  const cameBack = await binding.update(key, same, { expect: same, ...(signal ? { signal } : {}) });
  if (cameBack) {
    // A version that was raised, as after every update.
    for (const [column, value] of Object.entries(cameBack)) if (owner) Reflect.set(owner, column, value);
    return;
  }
  throw new FieldFileError(
    'conflict',
    `The row of ${field.label} is gone or has another file than ${JSON.stringify(name)}: nothing was replaced. Load the row again.`,
    { operation: 'replace', name, field: field.label },
  );
}
