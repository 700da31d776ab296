import { type FieldFile, file } from '@fieldfile/core';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { openDatabase } from '../test/opened.ts';
import { prismaFiles } from './prisma-files.ts';

async function open(kind: string, empty: null | '' = null) {
  const opened = await openDatabase(kind);
  const { client, storage, journal } = opened;
  const avatar = { storage, maxLength: 60, empty };
  const db = client.$extends(prismaFiles(client, { journal, models: { document: { fields: { avatar } } } }));
  return { ...opened, db, avatar: db.$file.document.avatar };
}

describe.each(['SQLite', 'PostgreSQL'])('on %s', kind => {
  test('groups have files to read, counts have numbers, and aggregates names', async () => {
    const { db, avatar } = await open(kind);
    const one = await db.document.create({ data: { name: 'a', avatar: avatar(file('x', 'x.txt')) } });
    await db.document.create({ data: { name: 'b' } });
    const groups = await db.document.groupBy({
      by: ['avatar'],
      _count: { _all: true },
      orderBy: { _count: { id: 'asc' } },
    });
    expectTypeOf(groups[0]?.avatar).toEqualTypeOf<FieldFile | undefined>();
    expect(groups.map(({ avatar, _count }) => [avatar.name, _count._all]).sort()).toEqual([
      [null, 1],
      ['x.txt', 1],
    ]);
    const [group] = await db.document.groupBy({ by: 'avatar', where: { id: one.id } });
    expect([await group?.avatar.stored?.text(), JSON.stringify(group)]).toEqual(['x', '{"avatar":"x.txt"}']);
    for (const write of [() => group?.avatar.save('y', { name: 'y.txt' }), () => group?.avatar.delete()])
      await expect(write()).rejects.toMatchObject({ code: 'invalid-argument', field: 'Document.avatar' });
    const [withKey] = await db.document.groupBy({
      by: ['avatar', 'id'],
      having: { avatar: { not: null } },
    });
    await withKey?.avatar.save('z', { name: 'z.txt' });
    const by = await db.document.groupBy({ by: ['name'], _max: { avatar: true }, orderBy: { name: 'asc' } });
    expect(by.map(({ _max }) => _max.avatar)).toEqual(['z.txt', null]);
    const counts = await db.document.count({ select: { avatar: true, id: true, _all: true } });
    expect(Object.entries(counts).sort()).toEqual([
      ['_all', 2],
      ['avatar', 1],
      ['id', 2],
    ]);
    expect((await db.document.count({ select: { avatar: true } })).avatar).toBe(1);
    const { _count, _min } = await db.document.aggregate({
      _count: { avatar: true, id: true },
      _min: { avatar: true },
    });
    expect([_count, _min]).toEqual([{ avatar: 1, id: 2 }, { avatar: 'z.txt' }]);
    const byAvatar = {
      by: ['avatar'],
      orderBy: { avatar: 'asc' },
      where: { avatar: { not: null } },
    } as const;
    const seen = await db.$transaction(async tx => {
      await tx.document.create({ data: { name: 'c', avatar: avatar(file('y', 'y.txt')) } });
      return tx.document.groupBy({ ...byAvatar, by: ['avatar'] });
    });
    expect(seen.map(({ avatar }) => avatar.name)).toEqual(['y.txt', 'z.txt']);
    const [batched] = await db.$transaction([db.document.groupBy({ ...byAvatar, by: ['avatar'] })]);
    expect(batched.map(({ avatar }) => avatar.name)).toEqual(['y.txt', 'z.txt']);
  });

  test('rows that are distinct, partial or without their key have files', async () => {
    const { db, avatar } = await open(kind);
    const { id } = await db.document.create({ data: { avatar: avatar(file('x', 'x.txt')) } });
    const [distinct] = await db.document.findMany({ distinct: ['avatar'], select: { avatar: true } });
    expect(await distinct?.avatar.stored?.text()).toBe('x');
    const whole = await db.document.findMany({ distinct: ['avatar'] });
    expect(await whole[0]?.avatar.stored?.text()).toBe('x');
    const [keyless] = await db.document.findMany({ omit: { id: true } });
    expect('id' in (keyless ?? {})).toBe(false);
    await keyless?.avatar.save('new', { name: 'new.txt' });
    const row = await db.document.findUniqueOrThrow({ where: { id } });
    expect(await row.avatar.stored?.text()).toBe('new');
    expect(await db.document.findMany({ select: { name: true } })).toEqual([{ name: 'a document' }]);
  });

  test('what is no argument for a file is refused with the field and the fix, wherever it stands', async () => {
    const { db, avatar, agrees } = await open(kind);
    const row = await db.document.create({ data: { name: 'old', avatar: avatar(file('x', 'x.txt')) } });
    const { id } = row;
    const refused = {
      code: 'invalid-argument',
      field: 'Document.avatar',
      message: expect.stringContaining('$file.document.avatar(input)'),
    };
    for (const given of [new File(['y'], 'y.txt'), new Blob(['y']), file('y', 'y.txt'), 5, [], true]) {
      const data = { name: 'new', avatar: given as never };
      const calls = [
        () => db.document.create({ data }),
        () => db.document.createMany({ data: [data] }),
        () => db.document.createManyAndReturn({ data: [{}, data] }),
        () => db.document.update({ where: { id }, data }),
        () => db.document.update({ where: { id }, data: { avatar: { set: given as never } } }),
        () => db.document.updateMany({ data }),
        () => db.document.upsert({ where: { id }, create: data, update: {} }),
        () => db.document.upsert({ where: { id }, create: {}, update: data }),
        () => db.document.create({ data: { parent: { create: data } } }),
        () => db.document.update({ where: { id }, data: { children: { create: [data] } } }),
        () => db.document.update({ where: { id }, data: { children: { createMany: { data: [data] } } } }),
        () => db.$transaction(tx => tx.document.create({ data })),
        () => db.$transaction([db.document.create({ data })]),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject(refused);
    }
    const columns = { ...row, name: 'new', size: 5 } as never; // a row's own file is not known here
    await expect(db.document.update({ where: { id }, data: columns })).rejects.toMatchObject(refused);
    expect(await db.document.findMany({ select: { name: true } })).toEqual([{ name: 'old' }]);
    await agrees();
  });

  test('an undefined file and one that Prisma skips leave the file alone', async () => {
    const { db, avatar, agrees } = await open(kind);
    const { id } = await db.document.create({ data: { avatar: avatar(file('x', 'x.txt')) } });
    const data = { name: 'renamed', avatar: undefined } as { name: string };
    const row = await db.document.update({ where: { id }, data });
    expect([row.name, await row.avatar.stored?.text()]).toEqual(['renamed', 'x']);
    await agrees();
  });

  test('a column that is empty as an empty text is created and cleared so', async () => {
    const { db, client, avatar, objects, other, journal } = await open(kind, '');
    if (kind === 'PostgreSQL')
      await client.$executeRawUnsafe('ALTER TABLE documents ALTER avatar SET NOT NULL');
    const stored = async () => (await other.rows()).map(row => row.avatar);
    const none = await db.document.create({ data: {} });
    const given = [null, '', undefined, avatar(null)].map(avatar => ({ avatar }) as object);
    for (const data of given) await db.document.create({ data });
    await db.document.createMany({ data: [{}, { avatar: null }] });
    await db.document.upsert({ where: { id: 90 }, create: { id: 90 }, update: {} });
    await db.document.create({ data: { parent: { create: {} }, children: { createMany: { data: [{}] } } } });
    await db.document.update({
      where: { id: none.id },
      data: { children: { connectOrCreate: { where: { id: 500 }, create: { id: 500, avatar: null } } } },
    });
    await db.document.update({
      where: { id: none.id },
      data: { children: { upsert: { where: { id: 600 }, create: { id: 600 }, update: {} } } },
    });
    await db.$transaction([db.document.create({ data: {} })]);
    expect(new Set(await stored())).toEqual(new Set(['']));
    await db.document.deleteMany({ where: { children: { none: {} } } });
    await db.document.deleteMany({});
    const { id } = await db.document.create({ data: { avatar: avatar(file('x', 'x.txt')) } });
    const clears = [
      () => db.document.update({ where: { id }, data: { avatar: null } }),
      () => db.document.update({ where: { id }, data: { avatar: '' } }),
      () => db.document.update({ where: { id }, data: { avatar: avatar(null) } }),
      () => db.document.updateMany({ data: { avatar: { set: '' } } }),
      () => db.document.upsert({ where: { id }, create: {}, update: { avatar: null } }),
      async () => (await db.document.findUniqueOrThrow({ where: { id } })).avatar.delete(),
    ];
    for (const clear of clears) {
      await db.document.update({ where: { id }, data: { avatar: avatar(file('y', 'y.txt')) } });
      expect(await objects()).toHaveLength(1);
      await clear();
      expect([await stored(), await objects()]).toEqual([[''], []]);
      const row = await db.document.findUniqueOrThrow({ where: { id } });
      expect([row.avatar.name, row.avatar.stored]).toEqual([null, null]);
    }
    expect(await journal.entries()).toEqual([]);
  });

  test('an empty text is no file only where the field says so', async () => {
    const { db, agrees } = await open(kind);
    await expect(db.document.create({ data: { avatar: '' } })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await agrees();
  });

  test('a key reaches one row or none', async () => {
    const { client, db, avatar, storage } = await open(kind);
    await db.document.create({ data: { avatar: avatar(file('x', 'x.txt')) } });
    const { field } = avatar;
    for (const key of [{}, { id: { gt: 0 } }, { id: 1, name: 'x' }, { id: null }, { id: [1] }, { OR: [] }]) {
      await expect(field.byKey(key as never)).rejects.toMatchObject({ code: 'invalid-argument' });
      const reference = { model: 'Document', field: 'avatar', name: 'x.txt', key };
      expect(() => field.revive(reference as never)).toThrow(
        expect.objectContaining({ code: 'invalid-argument' }),
      );
    }
    await expect(field.byKey({ id: 4711 })).rejects.toMatchObject({ code: 'not-found' });
    const models = { pages: { key: ['document', 'number'], fields: { avatar: { storage } } } } as const;
    const pages = client.$extends(prismaFiles(client, { models }));
    await pages.pages.create({ data: { document: 1, number: 2 } });
    await pages.pages.create({ data: { document: 1, number: 3 } });
    const page = pages.$file.pages.avatar.field;
    await expect(page.byKey({ document: 1 } as never)).rejects.toMatchObject({ code: 'invalid-argument' });
    const found = await page.byKey({ document: 1, number: 2 });
    const revived = page.revive(JSON.parse(JSON.stringify(found.reference())));
    await revived.save('two', { name: 'two.txt' });
    const rows = await pages.pages.findMany({ orderBy: { number: 'asc' } });
    expect(rows.map(row => row.avatar.name)).toEqual(['two.txt', null]);
  });
});
