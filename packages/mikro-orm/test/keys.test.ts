import { type FieldFile, type FileField, type FileReference, file } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { EntitySchema } from '@mikro-orm/core';
import { describe, expect, test } from 'vitest';
import { fileColumn, MikroOrmFiles } from '../src/index.ts';
import { databases, type OpenPhotos } from './photo-orm.ts';

type AnyField = FileField<object, never, never>;

/** Entities with a file and another kind of key each. */
async function keyed(open: OpenPhotos) {
  class Big {
    declare id: bigint;
    declare f: FieldFile<Big>;
  }
  class Dated {
    declare at: Date;
    declare f: FieldFile<Dated>;
  }
  class Unique {
    declare id: string;
    declare f: FieldFile<Unique>;
  }
  class Album {
    declare year: number;
    declare number: number;
    declare f: FieldFile<Album>;
  }
  class Track {
    declare album: Album;
    declare position: number;
    declare title: string | null;
    declare f: FieldFile<Track>;
  }
  const entities = [
    new EntitySchema({ class: Big, properties: { id: { type: 'bigint', primary: true }, f: fileColumn() } }),
    new EntitySchema({
      class: Dated,
      properties: { at: { type: 'datetime', primary: true }, f: fileColumn() },
    }),
    new EntitySchema({ class: Unique, properties: { id: { type: 'uuid', primary: true }, f: fileColumn() } }),
    new EntitySchema<Album>({
      class: Album,
      properties: {
        year: { type: 'integer', primary: true },
        number: { type: 'integer', primary: true },
        f: fileColumn(),
      },
    }),
    new EntitySchema<Track>({
      class: Track,
      properties: {
        album: { kind: 'm:1', entity: () => Album, primary: true },
        position: { type: 'integer', primary: true },
        title: { type: 'text', nullable: true },
        f: fileColumn(),
      },
    }),
  ];
  const storage = new MemoryStorage();
  const files = new MikroOrmFiles();
  const fields = [Big, Dated, Unique, Album, Track].map(
    type => files.define(type as typeof Big, { f: { storage } }).f as unknown as AnyField,
  );
  const { connect } = await open();
  const orm = await connect({ entities });
  files.attach(orm);
  await orm.schema.drop();
  await orm.schema.create();
  const em = orm.em.fork();
  const album = em.create(Album, { year: 1999, number: 2, f: file('album', 'album.txt') });
  const rows: readonly { readonly f: FieldFile }[] = [
    em.create(Big, { id: 2n ** 52n + 1n, f: file('big', 'big.txt') }),
    em.create(Dated, { at: new Date('2026-01-02T03:04:05.678Z'), f: file('dated', 'dated.txt') }),
    em.create(Unique, { id: crypto.randomUUID(), f: file('unique', 'unique.txt') }),
    album,
    em.create(Track, { album, position: 3, f: file('track', 'track.txt') } as never),
  ];
  await em.flush();
  const names = async () => (await Array.fromAsync(storage.list())).map(({ name }) => name as string).sort();
  return { Album, Track, Big, orm, fields, rows, names };
}

const overWire = (reference: FileReference): FileReference => JSON.parse(JSON.stringify(reference));

describe.each(databases())('keys of MikroORM on %s', (_, open) => {
  test('a reference finds its row again, whatever its key is made of', async () => {
    const { fields, rows, names } = await keyed(open);
    for (const [index, { f }] of rows.entries()) {
      const [field, sent] = [fields[index], overWire(f.reference())];
      await field?.revive(sent).save('new', { name: `new ${index}.txt` });
      const found = await field?.byKey((sent.key ?? {}) as never);
      expect(found?.name).toBe(`new_${index}.txt`);
      expect(found?.reference().key).toEqual(f.reference().key);
    }
    expect(rows[4]?.f.reference().key).toEqual({ 'album.year': 1999, 'album.number': 2, position: 3 });
    expect(await names()).toEqual(rows.map((_, index) => `new_${index}.txt`));
  });

  test('what sweep reads of names has the same keys', async () => {
    const { fields, rows } = await keyed(open);
    for (const [index, field] of fields.entries()) {
      const { binding } = (field as unknown as { model: { binding: { names: Names } } }).model;
      const [found] = await binding.names('f', { limit: 10 });
      expect(found?.key).toEqual(rows[index]?.f.reference().key);
    }
  });

  test('a key that is truncated, forged or of other columns is refused before the database is asked', async () => {
    const { fields, rows, names } = await keyed(open);
    const before = await names();
    for (const [index, field] of fields.entries()) {
      const reference = rows[index]?.f.reference() as FileReference;
      const [[column = '', value] = []] = Object.entries(reference.key ?? {});
      const others = Object.fromEntries(Object.entries(reference.key ?? {}).slice(1));
      const forged: object[] = [
        {},
        { ...others, [column]: { $gt: 0 } },
        { ...others, [column]: { $ne: null } },
        { ...others, [column]: [value, value] },
        { ...others, $or: value },
        { ...reference.key, f: 'a.txt' },
        { ...reference.key, $and: 'x' },
      ];
      for (const key of forged) {
        expect(() => field.revive({ ...reference, key: key as never })).toThrow(
          expect.objectContaining({ code: 'invalid-argument' }),
        );
        await expect(field.byKey(key as never)).rejects.toMatchObject({ code: 'invalid-argument' });
      }
    }
    expect(await names()).toEqual(before);
  });

  test('a row that is not there is not found, and a save by its key is a conflict', async () => {
    const { fields, names } = await keyed(open);
    const keys = [
      { id: 9n },
      { at: new Date(0) },
      { id: crypto.randomUUID() },
      { year: 1, number: 1 },
      { 'album.year': 1, 'album.number': 1, position: 1 },
    ];
    const before = await names();
    for (const [index, key] of keys.entries()) {
      await expect(fields[index]?.byKey(key as never)).rejects.toMatchObject({ code: 'not-found' });
      const reference = {
        model: ['Big', 'Dated', 'Unique', 'Album', 'Track'][index] ?? '',
        field: 'f',
        name: null,
        key,
      };
      await expect(fields[index]?.revive(reference).save('x', { name: 'x.txt' })).rejects.toMatchObject({
        code: 'conflict',
      });
    }
    expect(await names()).toEqual(before);
  });

  test.each(['with', 'without'])(
    'a row whose key was changed, %s its file, goes by the new one',
    async changed => {
      const { Big, orm, rows, names } = await keyed(open);
      const em = orm.em.fork();
      const row = await em.findOneOrFail(Big, { id: 2n ** 52n + 1n });
      const handle = row.f;
      expect(handle.name).toBe('big.txt');
      row.id = 7n;
      if (changed === 'with') row.f = file('moved', 'moved.txt');
      await em.flush();
      expect(handle.reference().key).toEqual({ id: 7n });
      await handle.save('new', { name: 'new.txt' });
      expect((await orm.em.fork().findOneOrFail(Big, { id: 7n })).f.name).toBe('new.txt');
      expect(await names()).not.toContain('big.txt');
      expect(rows).toHaveLength(5);
    },
  );

  test('a changed key that is rolled back is the old one again', async () => {
    const { Big, orm } = await keyed(open);
    const id = 2n ** 52n + 1n;
    let handle: FieldFile | undefined;
    const transaction = orm.em.transactional(async em => {
      const row = await em.findOneOrFail(Big, { id });
      handle = row.f;
      row.id = 7n;
      await em.flush();
      expect(handle.reference().key).toEqual({ id: 7n });
      throw new Error('no');
    });
    await expect(transaction).rejects.toThrow('no');
    expect(handle?.reference().key).toEqual({ id });
    await handle?.save('new', { name: 'new.txt' });
    expect((await orm.em.fork().findOneOrFail(Big, { id })).f.name).toBe('new.txt');
  });

  test('rows with an entity in their key are flushed and removed with their files', async () => {
    const { Track, orm, names } = await keyed(open);
    const em = orm.em.fork();
    const [track] = await em.findAll(Track);
    expect(track?.f.name).toBe('track.txt');
    if (!track) return;
    track.f = file('other', 'other.txt');
    await em.flush();
    expect(await names()).toContain('other.txt');
    await em.remove(track).flush();
    expect(await names()).toEqual(['album.txt', 'big.txt', 'dated.txt', 'unique.txt']);
  });
});

type Names = (
  field: string,
  options: { readonly limit: number },
) => Promise<readonly { readonly key: object }[]>;
