import {
  type Bytes,
  FieldFileError,
  isFieldFileError,
  type ObjectInfo,
  type ObjectVersion,
} from '@fieldfile/storage';
import { statIfThere } from '@fieldfile/storage/internal';
import type { Content, SaveOptions } from '../field/field-file.ts';
import type { Handle } from '../field/handle.ts';
import { inspected } from '../field/inspected.ts';
import { requireName } from '../field/is-handle.ts';
import { checkSaveOptions, type NamedContent, namedContent } from '../field/named-content.ts';
import { lazyBody } from '../field/reading.ts';
import { isSnapshot, offeredContent } from '../field/snapshot.ts';
import { requireVouched } from '../field/vouched-name.ts';
import { operate } from './operate.ts';
import { persist } from './persist.ts';
import { columnValues, storeOptions } from './stage-content.ts';
import { StagedChange } from './staged-change.ts';
import { takingContent } from './taken-content.ts';

/** `handle.replace`: other bytes under the same name, then the columns that describe them. No rollback brings the old back. */
export function replaceFile(handle: Handle, content: Content, options: SaveOptions): Promise<void> {
  return takingContent(content, async () => {
    checkSaveOptions(handle.field.label, 'replace', options);
    const offered = offeredContent(content, {}, handle.field.label);
    await operate(handle, 'replace', async owner => {
      const name = requireName(handle, 'replace');
      requireVouched(handle, 'replace');
      if (name === handle.field.default) throw sharedDefault(handle, name);
      const given = namedContent(
        offered.content,
        { ...offered.options, name, ...options },
        handle.field.rules,
      );
      const named = given.claim ? await inspected(given, options) : given;
      await takingContent(named.from, () => replaceWith(handle, owner, name, named, options));
    }).finally(() => isSnapshot(offered.content) && offered.content.release());
  });
}

async function replaceWith(
  handle: Handle,
  owner: object | undefined,
  name: string,
  named: NamedContent,
  options: SaveOptions,
): Promise<void> {
  const { storage } = handle.field;
  const version = await versionOfRow(handle, owner, name, options);
  const info = await replaceVersion(version, ifMatch =>
    storage.replace(name, bytesOf(named.from, handle.field.label, options), {
      ...storeOptions(handle, named, options),
      ...(ifMatch ? { ifMatch } : {}),
    }),
  ).catch(error => {
    throw version && isFieldFileError(error, 'precondition') ? otherObject(handle, name, error) : error;
  });
  const values = columnValues(handle, named, { name, info });
  if (Object.keys(values).length > 1)
    await persist(new StagedChange(handle, owner, { storage, values }), owner, options);
}

const bytesOf = (from: NamedContent['from'], label: string, { signal }: SaveOptions): Bytes =>
  isSnapshot(from) ? lazyBody(() => from.open(signal ? { signal } : {}), label) : from;

/**
 * The version to replace: looked at before the row is asked, by an update that changes nothing, whether it still has the
 * file. Whoever gives the row another file meanwhile removes that version, and nothing comes to be in its place.
 * Undefined where there is no row to ask, or no object.
 *
 * @throws `conflict` before a byte is written.
 */
async function versionOfRow(
  handle: Handle,
  owner: object | undefined,
  name: string,
  options: SaveOptions,
): Promise<ObjectVersion | undefined> {
  const { field } = handle;
  const { storage } = field;
  if (!field.model.binding || !field.keyOf(handle, owner) || handle.pending) return undefined;
  const found = await statIfThere(storage, name, options.signal ? { signal: options.signal } : {});
  await persist(new StagedChange(handle, owner, { storage, values: { [field.name]: name } }), owner, options);
  return found?.version;
}

/** With that condition; without, where the service honours none and the content was not consumed finding out. */
async function replaceVersion(
  version: ObjectVersion | undefined,
  replace: (ifMatch?: ObjectVersion) => Promise<ObjectInfo>,
): Promise<ObjectInfo> {
  try {
    return await replace(version);
  } catch (error) {
    if (!version || !isFieldFileError(error, 'unsupported')) throw error;
    return await replace().catch(again => {
      throw isFieldFileError(again, 'content-consumed') ? error : again;
    });
  }
}

const sharedDefault = ({ field }: Handle, name: string): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    `${JSON.stringify(name)} is the default of ${field.label}, which every row without a file shows: give this row one of its own by save().`,
    { operation: 'replace', storage: field.storage.id, name, field: field.label },
  );

const otherObject = ({ field }: Handle, name: string, cause: FieldFileError): FieldFileError =>
  new FieldFileError(
    'conflict',
    `The object ${JSON.stringify(name)} of ${field.label} was replaced or removed meanwhile: nothing was written. Load the row again.`,
    { operation: 'replace', storage: field.storage.id, name, field: field.label, cause },
  );
