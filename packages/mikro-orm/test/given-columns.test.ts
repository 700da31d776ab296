import { file } from '@fieldfile/core';
import { wrap } from '@mikro-orm/core';
import { describe, expect, test } from 'vitest';
import { databases } from './photo-orm.ts';

describe.each(databases())('columns given as an object, MikroORM on %s', (_, open) => {
  test('a row as a plain object, with its own file, is assigned to it again', async () => {
    const { Photo, orm, insert, images } = await open();
    const id = await insert('one');
    const em = orm.em.fork();
    const photo = await em.findOneOrFail(Photo, id);
    const { version } = photo;
    const given = [
      { ...wrap(photo).toObject() },
      { ...photo, image: photo.image },
      { ...JSON.parse(JSON.stringify(photo)) },
      { ...wrap(photo).toPOJO() },
    ];
    for (const [index, { made, ...columns }] of given.entries()) {
      em.assign(photo, { ...columns, title: 'one', thumb: undefined, version } as never);
      expect(photo.image.pending, `${index}`).toBe(false);
      Object.assign(photo, { image: columns.image });
      expect(photo.image.pending, `${index}`).toBe(false);
    }
    em.getUnitOfWork().computeChangeSets();
    const changed = em
      .getUnitOfWork()
      .getChangeSets()
      .flatMap(({ payload }) => Object.keys(payload));
    expect(changed).not.toContain('image');
    await em.flush();
    expect(await images()).toEqual({ one: 'one.txt' });
    const other = await orm.em.fork().findOneOrFail(Photo, id);
    photo.image = other.image;
    expect(photo.image.pending).toBe(false);
  });

  test('undefined is no assignment, and another text is refused', async () => {
    const { Photo, orm, insert, images } = await open();
    const [id, victim] = [await insert('one'), await insert('victim')];
    const em = orm.em.fork();
    const photo = await em.findOneOrFail(Photo, id);
    em.assign(photo, { title: 'renamed', image: undefined } as never);
    Object.assign(photo, { image: undefined });
    for (const text of ['victim.txt', '', 'ONE.txt']) {
      expect(() => em.assign(photo, { image: text } as never)).toThrow(/cannot take the text/);
      expect(() => Object.assign(photo, { image: text })).toThrow(/cannot take the text/);
    }
    photo.image = file('new', 'new.txt');
    expect(() => Object.assign(photo, { image: 'one.txt' })).toThrow(/cannot take the text/);
    Object.assign(photo, { image: undefined });
    await em.flush();
    expect(await images()).toEqual({ renamed: 'new.txt', victim: 'victim.txt' });
    const reference = em.getReference(Photo, victim);
    Object.assign(reference, { image: undefined });
    em.create(Photo, { title: 'none', image: undefined } as never);
    await em.flush();
    expect(await images()).toEqual({ renamed: 'new.txt', victim: 'victim.txt', none: null });
  });

  test('a row that was removed is empty once that is committed, and is inserted anew without a file', async () => {
    const { Photo, orm, insert, images } = await open();
    const em = orm.em.fork();
    const photo = await em.findOneOrFail(Photo, await insert('one'));
    const handle = photo.image;
    await em.remove(photo).flush();
    expect([handle.name, handle.stored, handle.pending]).toEqual([null, null, false]);
    expect(await images()).toEqual({});
    await em.persist(photo).flush();
    expect(await images()).toEqual({ one: null });
    photo.image = file('again', 'again.txt');
    await em.flush();
    expect(await images()).toEqual({ one: 'again.txt' });
    await em.remove(photo).flush();
    photo.image = file('once more', 'more.txt');
    await em.persist(photo).flush();
    expect(await images()).toEqual({ one: 'more.txt' });
  });

  test('a row whose removal is rolled back has its file', async () => {
    const { Photo, orm, insert, images } = await open();
    const id = await insert('one');
    const handles: { readonly name: string | null }[] = [];
    const removal = orm.em.transactional(async em => {
      const photo = await em.findOneOrFail(Photo, id);
      handles.push(photo.image);
      await em.remove(photo).flush();
      throw new Error('no');
    });
    await expect(removal).rejects.toThrow('no');
    expect(handles.map(({ name }) => name)).toEqual(['one.txt']);
    expect(await images()).toEqual({ one: 'one.txt' });
  });
});
