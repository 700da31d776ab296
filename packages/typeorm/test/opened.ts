import type { Storage } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { DataSource, type DataSourceOptions, type EntitySchema } from 'typeorm';
import { TypeormFiles, type TypeormFilesOptions } from '../src/index.ts';
import { sqlite } from './photos.ts';

export interface Opened extends AsyncDisposable {
  readonly dataSource: DataSource;
  readonly files: TypeormFiles;
  readonly storage: Storage;
  objects(): Promise<string[]>;
}

export interface OpenedOptions extends TypeormFilesOptions {
  readonly options?: DataSourceOptions;
}

/** A data source with these entities, whose files `declare` declares. */
export async function openEntities(
  entities: readonly (EntitySchema | (new () => object))[],
  declare: (files: TypeormFiles, storage: Storage) => void,
  { options = sqlite, ...filesOptions }: OpenedOptions = {},
): Promise<Opened> {
  const storage = new MemoryStorage();
  const dataSource = new DataSource({
    synchronize: true,
    ...options,
    entities: [...entities],
  } as DataSourceOptions);
  const files = new TypeormFiles(dataSource, filesOptions);
  declare(files, storage);
  await dataSource.initialize();
  return {
    dataSource,
    files,
    storage,
    objects: async () => (await Array.fromAsync(storage.list())).map(({ name }) => name as string),
    [Symbol.asyncDispose]: () => dataSource.destroy(),
  };
}
