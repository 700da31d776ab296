import type { FieldFile, FileReference, RowKey } from '@fieldfile/core';
import { FieldFileError, isFieldFileError, type ObjectInfo, type Storage } from '@fieldfile/storage';
import type { ReadableStorage, ServableObject } from '../serve/servable.ts';
import type { LinkedRow, LinkedVersion, LinkTerms } from './link.ts';
import { LinkRefusedError } from './link-refused.ts';

/** A field whose files links are given for, as `defineFiles` made it. It needs a binding, which loads rows. */
export interface LinkedField {
  readonly name: string;
  readonly storage: Storage;
  byKey(key: RowKey): Promise<FieldFile>;
  revive(reference: FileReference): FieldFile;
}

/** An object as it is now. */
export interface FoundFile {
  readonly storage: Storage;
  readonly name: string;
  readonly info: ObjectInfo;
}

/** Where files of links are looked for. */
export interface LinkedPlaces {
  readonly fields: readonly LinkedField[];
  readonly storages: readonly Storage[];
}

/**
 * The file that a link gives now, asked of the row and of the storage.
 *
 * @throws {@link LinkRefusedError} where there is none, or another one than the link is for.
 */
export async function linkedFile(terms: LinkTerms, places: LinkedPlaces): Promise<FoundFile> {
  const { row, file, name, version } = terms;
  const found = row ? await rowFile(row, places) : { storage: storageOf(terms.storage, places), name };
  const isElsewhere = found.name !== name || !isCalled(found.storage, terms.storage);
  if (file === 'same' && isElsewhere) throw new LinkRefusedError('file-changed');
  const info = await infoIfThere(found);
  if (!info) throw new LinkRefusedError('file-gone');
  if (file === 'same' && info.version !== version) throw new LinkRefusedError('file-changed');
  return { ...found, info };
}

/** What is served: with `'same'` the bytes that were looked at, and no later ones. */
export function servedFile({ storage, name, info }: FoundFile, version: LinkedVersion): ServableObject {
  if (version === 'current') return { storage, name };
  const exact: ReadableStorage = {
    info: async () => info,
    open: (one, options) => storage.open(one, { ...options, ifMatch: info.version }),
  };
  return { storage: exact, name };
}

/** The field that a row's file is of. @throws `invalid-argument` where the links were not told of it. */
function fieldOf(reference: FileReference, { fields }: LinkedPlaces): LinkedField {
  const field = fields.find(one => one.name === reference.field && accepts(one, reference));
  if (field) return field;
  throw new FieldFileError(
    'invalid-argument',
    `Links know no field ${reference.model}.${reference.field}: name it in their option fields.`,
    { operation: 'links', field: `${reference.model}.${reference.field}` },
  );
}

async function rowFile(row: LinkedRow, places: LinkedPlaces): Promise<Omit<FoundFile, 'info'>> {
  const field = fieldOf({ ...row, name: null }, places);
  try {
    const { name } = await field.byKey(row.key);
    if (name !== null) return { storage: field.storage, name };
  } catch (error) {
    if (isFieldFileError(error, 'not-found')) throw new LinkRefusedError('row-gone');
    throw error;
  }
  throw new LinkRefusedError('file-gone');
}

function accepts(field: LinkedField, reference: FileReference): boolean {
  try {
    field.revive(reference);
    return true;
  } catch (error) {
    if (isFieldFileError(error, 'invalid-argument')) return false;
    throw error;
  }
}

function storageOf(id: string, { fields, storages }: LinkedPlaces): Storage {
  const storage = [...storages, ...fields.map(field => field.storage)].find(one => isCalled(one, id));
  if (storage) return storage;
  throw new FieldFileError(
    'invalid-argument',
    `Links know no storage "${id}": name it in their option storages.`,
    { operation: 'links', storage: id },
  );
}

const isCalled = ({ id, formerIds }: Storage, asked: string): boolean =>
  id === asked || formerIds.includes(asked);

async function infoIfThere({ storage, name }: Omit<FoundFile, 'info'>): Promise<ObjectInfo | undefined> {
  try {
    return await storage.info(name);
  } catch (error) {
    if (isFieldFileError(error, 'not-found')) return undefined;
    throw error;
  }
}
