import {
  type CallOptions,
  FieldFileError,
  isFieldFileError,
  type ObjectInfo,
  type ObjectVersion,
} from '@fieldfile/storage';
import { toSource } from '@fieldfile/storage/backend';
import { infoIfThere, reported } from '@fieldfile/storage/internal';
import { removeDerived } from '../derived/derived-removal.ts';
import type { ComputedContent, ComputedValues } from '../field/computed-columns.ts';
import { computedContent } from '../field/computed-content.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import type { SaveOptions } from '../field/field-file.ts';
import type { FileState } from '../field/file-state.ts';
import { noteReplaced } from '../field/held-object.ts';
import { throughInspector } from '../field/inspecting.ts';
import type { NamedContent } from '../field/named-content.ts';
import { lazyBody } from '../field/reading.ts';
import { isSnapshot } from '../field/snapshot.ts';
import { describingValues, type ReplacedRow, replacedRow } from './replaced-row.ts';
import { storeOptions } from './stage-content.ts';

/**
 * The order is the proof: the version is looked at, the columns become unknown, the bytes of that very version are
 * replaced, and the columns tell of them, if nobody else has had a hand in it. Wherever that ends, the columns are true or
 * unknown.
 */
export async function replaceWith(
  handle: FileState,
  owner: object | undefined,
  name: string,
  named: NamedContent,
  options: SaveOptions,
): Promise<void> {
  const { storage } = handle.field;
  const call = options.signal ? { signal: options.signal } : {};
  const content = await contentOf(handle.field, named, call);
  const row = await replacedRow(handle, owner, name, call);
  const version = row.needsVersion ? (await infoIfThere(storage, name, call))?.version : undefined;
  try {
    await row.forget(call);
  } catch (error) {
    if (row.mayBeForgotten) await recalled(handle, row, name, version);
    throw error;
  }
  if (!version && row.needsVersion) {
    await recalled(handle, row, name, version);
    throw missing(handle, name);
  }
  const { info, computed } = await replaceVersion(version, row.isDescribed, async ifMatch => {
    const { source, values } = await content();
    const replaced = await storage.replace(name, throughInspector(source, handle.field, named), {
      ...storeOptions(handle.field, named, options),
      ...(row.writeId ? { writeId: row.writeId } : {}),
      ...(ifMatch ? { ifMatch } : {}),
    });
    return { info: replaced, computed: values() };
  }).catch(async error => {
    if (isCertain(error, named.from)) await recalled(handle, row, name, version);
    else {
      noteReplaced(storage.id, name);
      await row.postpone(error);
    }
    throw version ? explained(handle, name, error) : error;
  });
  noteReplaced(storage.id, name);
  // Before the journal's entry ends: recovery does it after a crash.
  await reported(() => removeDerived([handle.field], storage.id, name, call));
  await row.describe(describingValues(handle, named, info, computed), info);
}

/** What can be refused before anything is touched is looked into at once. Another row's file is read anew for each try. */
async function contentOf(
  field: DeclaredField,
  named: NamedContent,
  call: CallOptions,
): Promise<() => Promise<ComputedContent>> {
  const { from } = named;
  if (isSnapshot(from))
    return () => {
      const body = lazyBody(() => from.open(call), field.label);
      return computedContent(
        toSource(body, { operation: 'replace', field: field.label }),
        field,
        named,
        call,
      );
    };
  const content = await computedContent(from, field, named, call);
  return async () => content;
}

interface Replaced {
  readonly info: ObjectInfo;
  readonly computed: ComputedValues | undefined;
}

/** With that condition; without, where the service honours none, no column tells of the bytes, and they are still there. */
async function replaceVersion(
  version: ObjectVersion | undefined,
  isDescribed: boolean,
  replace: (ifMatch?: ObjectVersion) => Promise<Replaced>,
): Promise<Replaced> {
  try {
    return await replace(version);
  } catch (error) {
    if (!version || isDescribed || !isFieldFileError(error, 'unsupported')) throw error;
    return await replace().catch(again => {
      throw isFieldFileError(again, 'content-consumed') ? error : again;
    });
  }
}

/**
 * Whether the storage has certainly replaced nothing, and nothing that was sent may arrive yet. An error of the content's
 * own tells nothing of attempts before it: there were none where it can be read once only.
 */
function isCertain(error: unknown, from: NamedContent['from']): boolean {
  return isFieldFileError(error) ? error.applied === false : isSnapshot(from) || !from.replayable;
}

/** Nothing was replaced: the columns are as before if the object is. Never throws. */
function recalled(
  handle: FileState,
  row: ReplacedRow,
  name: string,
  version: ObjectVersion | undefined,
): Promise<void> {
  return reported(async () => {
    try {
      const found = row.isDescribed ? await infoIfThere(handle.field.storage, name, {}) : undefined;
      await row.recall(found?.version === version);
    } catch (error) {
      await row.postpone(error);
      // Recovery, or whoever replaces the file next, was faster: it stays unknown.
      if (!isFieldFileError(error, 'intent-lost')) throw error;
    }
  });
}

const missing = ({ field }: FileState, name: string): FieldFileError =>
  new FieldFileError(
    'not-found',
    `The object ${JSON.stringify(name)} of ${field.label} is not on storage "${field.storage.id}": there is nothing to replace. ` +
      'Use save, which stores another object.',
    { operation: 'replace', storage: field.storage.id, name, field: field.label },
  );

function explained({ field }: FileState, name: string, cause: unknown): unknown {
  const about = { operation: 'replace', storage: field.storage.id, name, field: field.label, cause };
  if (isFieldFileError(cause, 'precondition'))
    return new FieldFileError(
      'conflict',
      `The object ${JSON.stringify(name)} of ${field.label} was replaced or removed meanwhile: nothing was written. Load the row again.`,
      about,
    );
  if (isFieldFileError(cause, 'unsupported'))
    return new FieldFileError(
      'unsupported',
      `${field.label} has columns beside its name, and storage "${field.storage.id}" cannot replace one version only: they could ` +
        'tell of other bytes. Use save, which stores another object.',
      about,
    );
  return cause;
}
