import { type Recording, recordCalls } from '@fieldfile/conformance';
import { defineFiles, type FileField, model, Storage } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { imageField } from '../src/field/image-field.ts';
import { image } from './images.ts';

export interface Person {
  id: number;
  name: string;
  mugshot: string | null;
  mugshotWidth: number | null;
  mugshotHeight: number | null;
  headshot: string | null;
  headshotHeight: number | null;
}

/** The two images of Django's tests of `ImageField`. */
export const FIRST: Uint8Array<ArrayBuffer> = await image('png', { width: 4, height: 8 });
export const SECOND: Uint8Array<ArrayBuffer> = await image('png', { width: 8, height: 4 });

export const EMPTY = {
  mugshot: null,
  mugshotWidth: null,
  mugshotHeight: null,
  headshot: null,
  headshotHeight: null,
};

export interface People {
  readonly storage: Storage;
  /** Calls of the storage, in the order in which they came. */
  readonly calls: Recording['calls'];
  readonly table: MemoryTable<Person>;
  readonly files: {
    readonly mugshot: FileField<Person, 'id', 'mugshot'>;
    readonly headshot: FileField<Person, 'id', 'headshot'>;
  };
}

/** Two images: one with its width and height, one with its height alone. */
export function people(): People {
  const { backend, calls } = recordCalls(new MemoryStorage().backend);
  const storage = new Storage(backend);
  const table = new MemoryTable<Person>({ key: ['id'], files: ['mugshot', 'headshot'], generated: 'id' });
  const files = defineFiles(
    model<Person>()('person', 'id'),
    {
      mugshot: imageField({ storage, columns: { width: 'mugshotWidth', height: 'mugshotHeight' } }),
      headshot: imageField({ storage, columns: { height: 'headshotHeight' } }),
    },
    table.binding,
  );
  return { storage, calls, table, files };
}

export async function person({ table, files }: People, values: Partial<Person> = {}): Promise<Person> {
  const row = { name: 'Joe', ...EMPTY, ...values } as Person;
  files.mugshot.of(row);
  files.headshot.of(row);
  await table.insert(row);
  return row;
}

export const sizes = ({ mugshotWidth, mugshotHeight }: Person): unknown => [mugshotWidth, mugshotHeight];

export async function storedSizes({ table }: People, id: number): Promise<unknown> {
  return sizes(await table.get({ id }));
}
