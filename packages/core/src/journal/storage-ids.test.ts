import { MemoryStorage } from '@fieldfile/memory';
import { type Storage, storages } from '@fieldfile/storage';
import { expect, test } from 'vitest';
import type { ReferringField } from '../field/declared-fields.ts';
import { everyIdOf, storageOf } from './storage-ids.ts';

const amazon = new MemoryStorage({ id: 's3:media' });
const own = new MemoryStorage({ id: 's3:http://minio/media', formerIds: ['s3:media', 'older'] });
const other = new MemoryStorage({ formerIds: ['older'] });

const FIELD = { name: 'f', default: undefined, model: { binding: undefined } };

const fields = (stored: Readonly<Record<string, Storage>>): ReadonlySet<ReferringField> =>
  new Set(Object.entries(stored).map(([label, storage]) => ({ ...FIELD, label, storage })));

const entry = (storage: string, field = 'f') => ({ model: 'row', field, storage });

test('every id of a storage is its own and those it had', () => {
  const all = fields({ 'row.f': own, 'row.g': amazon });
  expect(everyIdOf(own.id, all)).toEqual([own.id, 's3:media', 'older']);
  expect(everyIdOf('s3:media', all)).toEqual(['s3:media']);
  expect(everyIdOf('unknown', all)).toEqual(['unknown']);
});

test('a field whose storage is not configured in this process has none of them', () => {
  const elsewhere: ReferringField = {
    ...FIELD,
    label: 'row.e',
    get storage() {
      return storages.get('not-configured-here');
    },
  };
  expect(everyIdOf(own.id, [elsewhere, ...fields({ 'row.f': own })])).toEqual([own.id, 's3:media', 'older']);
});

test('of two storages that one id may mean, the field of the entry tells which', () => {
  const all = fields({ 'row.f': own, 'row.g': amazon });
  expect(storageOf(all, entry('s3:media', 'f'))).toBe(own);
  expect(storageOf(all, entry('s3:media', 'g'))).toBe(amazon);
  expect(storageOf(all, entry('older', 'g'))).toBe(own);
});

test('where the field has moved away, it is who is called so now, and else the only one that was', () => {
  const moved = fields({ 'row.f': other, 'row.g': amazon, 'row.h': own });
  expect(storageOf(moved, entry('s3:media'))).toBe(amazon);
  expect(storageOf(moved, entry('older'))).toBe(other);
  expect(storageOf(moved, entry('older', 'g'))).toBeUndefined();
  expect(storageOf(moved, entry('unknown'))).toBeUndefined();
  expect(storageOf(moved, entry('s3:media', 'undeclared'))).toBeUndefined();
});
