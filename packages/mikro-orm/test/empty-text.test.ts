import { type FieldFile, file, noFile } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { EntitySchema } from '@mikro-orm/core';
import { describe, expect, test } from 'vitest';
import { fileColumn, MikroOrmFiles } from '../src/index.ts';
import { databases } from './photo-orm.ts';

describe.each(databases())('a NOT NULL column of MikroORM on %s', (_, open) => {
  test('has the empty text where there is no file, from the insert on', async () => {
    class Note {
      declare id: number;
      declare title: string;
      declare scan: FieldFile<Note>;
      declare other: FieldFile<Note>;
    }
    const entity = new EntitySchema<Note>({
      class: Note,
      tableName: 'notes',
      properties: {
        id: { type: 'integer', primary: true },
        title: { type: 'text' },
        scan: fileColumn({ length: 60, nullable: false }),
        other: fileColumn(),
      },
    });
    const { connect, journal } = await open();
    const storage = new MemoryStorage();
    const files = new MikroOrmFiles({ journal });
    files.define(Note, { scan: { storage, empty: '' }, other: { storage } });
    const orm = await connect({ entities: [entity] });
    files.attach(orm);
    await orm.schema.drop();
    expect(await orm.schema.getCreateSchemaSQL()).toMatch(/scan\W+(varchar\(60\)|text) not null/);
    await orm.schema.create();
    const stored = async (): Promise<unknown[]> =>
      (await orm.em.fork().execute('SELECT scan, other FROM notes ORDER BY id')).map(row => [
        row.scan,
        row.other,
      ]);
    const em = orm.em.fork();
    const created = em.create(Note, { title: 'created' } as never) as Note;
    const made = Object.assign(new Note(), { title: 'made' });
    const touched = Object.assign(new Note(), { title: 'touched' });
    expect(touched.scan.stored).toBeNull();
    const cleared = Object.assign(new Note(), { title: 'cleared', scan: noFile });
    const full = em.create(Note, { title: 'full', scan: file('full', 'full.txt') } as never) as Note;
    await em.persist([made, touched, cleared]).flush();
    expect(await stored()).toEqual([
      ['', null],
      ['full.txt', null],
      ['', null],
      ['', null],
      ['', null],
    ]);
    for (const note of [created, made, touched, cleared])
      expect([note.scan.name, note.scan.stored, note.scan.pending]).toEqual([null, null, false]);
    await created.scan.save('saved', { name: 'saved.txt' });
    made.scan = file('flushed', 'flushed.txt');
    await em.flush();
    expect((await stored()).map(row => (row as unknown[])[0])).toContain('flushed.txt');
    await created.scan.delete();
    made.scan = noFile;
    em.assign(full, { scan: noFile } as never);
    await em.flush();
    expect(await stored()).toEqual(Array.from({ length: 5 }, () => ['', null]));
    expect(await Array.fromAsync(storage.list())).toEqual([]);
    const found = await orm.em.fork().findOneOrFail(Note, made.id);
    expect([found.scan.name, JSON.parse(JSON.stringify(found)).scan]).toEqual([null, null]);
    found.title = 'renamed';
    found.scan = file('again', 'again.txt');
    await orm.em.fork().persist(found).flush();
    expect((await stored()).flat()).toContain('again.txt');
  });

  test('an insert that is rolled back is inserted anew', async () => {
    const { Photo, orm, images } = await open();
    const photo = Object.assign(new Photo(), { title: 'one' });
    const transaction = orm.em.transactional(async em => {
      await em.persist(photo).flush();
      throw new Error('no');
    });
    await expect(transaction).rejects.toThrow('no');
    await orm.em.fork().persist(photo).flush();
    await photo.image.save('x', { name: 'x.txt' });
    expect(await images()).toEqual({ one: 'x.txt' });
  });
});
