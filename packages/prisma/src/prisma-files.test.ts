import { adopt, type FieldFile, file, upload } from '@fieldfile/core';
import { sweep } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { PrismaClient } from '../test/client/client.js';
import { sqliteClientOf } from '../test/clients.ts';
import { openDatabase } from '../test/opened.ts';
import { prismaFiles } from './prisma-files.ts';

async function open(kind: string) {
  const opened = await openDatabase(kind);
  const { client, storage, journal } = opened;
  const avatar = { storage, maxLength: 60, columns: { size: 'size' } } as const;
  const db = client.$extends(prismaFiles(client, { journal, models: { document: { fields: { avatar } } } }));
  return { ...opened, db, avatar: db.$file.document.avatar };
}

describe.each(['SQLite', 'PostgreSQL'])('on %s', kind => {
  test('rows of nested writes have files, too', async () => {
    const { db, avatar, agrees } = await open(kind);
    const child = await db.document.create({
      data: {
        avatar: avatar(file('child', 'child.txt')),
        parent: { create: { avatar: avatar(file('parent', 'parent.txt')) } },
      },
      include: { parent: true },
    });
    expectTypeOf(child.parent?.avatar).toEqualTypeOf<FieldFile | undefined>();
    expect(await child.parent?.avatar.stored?.text()).toBe('parent');
    await db.document.update({
      where: { id: child.id },
      data: { children: { createMany: { data: [{ avatar: avatar(file('a', 'a.txt')) }, {}] } } },
    });
    await agrees();
    const found = await db.document.findUnique({ where: { id: child.id } }).children();
    expect(await found?.find(({ avatar }) => avatar.stored)?.avatar.stored?.text()).toBe('a');
  });

  test('an upsert stores the file of the row that it writes, and no other', async () => {
    const { db, avatar, agrees, objects } = await open(kind);
    const upsert = (text: string) =>
      db.document.upsert({
        where: { id: 7 },
        create: { id: 7, avatar: avatar(file(`created ${text}`, 'c.txt')) },
        update: { avatar: avatar(file(`updated ${text}`, 'u.txt')) },
      });
    expect(await (await upsert('one')).avatar.stored?.text()).toBe('created one');
    expect(await (await upsert('two')).avatar.stored?.text()).toBe('updated two');
    expect(await objects()).toHaveLength(1);
    await agrees();
  });

  test('createMany and what returns rows take files and give them', async () => {
    const { db, avatar, agrees } = await open(kind);
    await db.document.createMany({
      data: ['one', 'two'].map(name => ({ name, avatar: avatar(file(name, `${name}.txt`)) })),
    });
    const updated = await db.document.updateManyAndReturn({
      where: { name: 'one' },
      data: { avatar: avatar(file('new', 'new.txt')) },
    });
    expect(await updated[0]?.avatar.stored?.text()).toBe('new');
    expect(await db.document.updateMany({ data: { avatar: null }, limit: 1 })).toEqual({ count: 1 });
    await agrees();
    expect(await db.document.deleteMany({ where: { name: { in: ['one', 'two'] } } })).toEqual({ count: 2 });
    await agrees();
  });

  test('null clears what is kept beside the name', async () => {
    const { db, avatar, agrees, other } = await open(kind);
    const { id } = await db.document.create({ data: { avatar: avatar(file('1234', 'a.txt')) } });
    expect((await other.rows())[0]?.size).toBe(4);
    await db.document.update({ where: { id }, data: { avatar: null } });
    expect((await other.rows())[0]).toMatchObject({ avatar: null, size: null });
    await agrees();
  });

  test('a batch is one transaction, with its files', async () => {
    const { db, avatar, agrees } = await open(kind);
    const first = await db.document.create({ data: { avatar: avatar(file('first', 'first.txt')) } });
    const [second, updated, count] = await db.$transaction([
      db.document.create({ data: { avatar: avatar(file('second', 'second.txt')) } }),
      db.document.update({ where: { id: first.id }, data: { avatar: avatar(file('new', 'new.txt')) } }),
      db.document.count(),
    ]);
    expect([await second.avatar.stored?.text(), await updated.avatar.stored?.text(), count]).toEqual([
      'second',
      'new',
      2,
    ]);
    await agrees();
    const failing = db.$transaction([
      db.document.update({ where: { id: first.id }, data: { avatar: avatar(file('never', 'never.txt')) } }),
      db.document.delete({ where: { id: second.id } }),
      db.document.create({ data: { id: first.id, avatar: avatar(file('twin', 'twin.txt')) } }),
      db.document.create({ data: { avatar: avatar(file('its turn never comes', 'last.txt')) } }),
    ]);
    await expect(failing).rejects.toMatchObject({ code: 'P2002' });
    await agrees();
    expect(() => db.$transaction(['no request'] as never)).toThrow('Prisma Client promises');
  });

  test('a bare text is refused wherever a file is written', async () => {
    const { db, avatar, agrees, storage } = await open(kind);
    await storage.save('other.txt', "another row's");
    const refused = { code: 'invalid-argument' };
    const { id } = await db.document.create({ data: { avatar: avatar(adopt('other.txt')) } });
    const data = { avatar: 'other.txt' };
    await expect(db.document.create({ data })).rejects.toMatchObject(refused);
    await expect(db.document.createMany({ data: [data] })).rejects.toMatchObject(refused);
    await expect(db.document.update({ where: { id }, data })).rejects.toMatchObject(refused);
    await expect(db.document.updateMany({ data: { avatar: { set: 'other.txt' } } })).rejects.toMatchObject(
      refused,
    );
    await expect(db.document.upsert({ where: { id }, create: data, update: {} })).rejects.toMatchObject(
      refused,
    );
    await expect(db.document.create({ data: { parent: { create: data } } })).rejects.toMatchObject(refused);
    await agrees();
  });

  test('what nobody can tell the row of is refused', async () => {
    const { db, avatar, agrees } = await open(kind);
    const { id } = await db.document.create({ data: { parent: { create: {} } } });
    const refused = { code: 'unsupported' };
    const write = (parent: object) => db.document.update({ where: { id }, data: { parent } });
    const data = { avatar: avatar(file('x', 'x.txt')) };
    await expect(write({ update: data })).rejects.toMatchObject(refused);
    await expect(write({ update: { where: {}, data: { avatar: null } } })).rejects.toMatchObject(refused);
    await expect(write({ connectOrCreate: { where: { id }, create: data } })).rejects.toMatchObject(refused);
    await agrees();
  });

  test('an argument is for one call and one row', async () => {
    const { db, avatar, agrees } = await open(kind);
    const argument = avatar(file('x', 'x.txt'));
    const twins = db.document.createMany({ data: [{ avatar: argument }, { avatar: argument }] });
    await expect(twins).rejects.toMatchObject({ code: 'content-consumed' });
    const twice = db.$transaction(async tx => {
      await tx.document.create({ data: { avatar: argument } });
      await tx.document.create({ data: { avatar: argument } });
    });
    await expect(twice).rejects.toMatchObject({ code: 'content-consumed' });
    await agrees();
    await expect(db.document.create({ data: { avatar: argument } })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await agrees();
  });

  test('what was assigned to one row is not given to another', async () => {
    const { db, avatar, agrees } = await open(kind);
    const [one, two] = [await db.document.create({ data: {} }), await db.document.create({ data: {} })];
    avatar.set(one, file('for one', 'one.txt'));
    const data = { avatar: avatar(one.avatar) };
    await expect(db.document.update({ where: { id: two.id }, data })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await upload(one);
    await db.document.update({ where: { id: one.id }, data: { avatar: avatar(one.avatar) } });
    expect([await one.avatar.stored?.text(), one.avatar.pending]).toEqual(['for one', false]);
    await agrees();
  });

  test('a file uploaded before its transaction is written in it, also when that is tried again', async () => {
    const { db, avatar, agrees } = await open(kind);
    const argument = await avatar.upload(file(new Response('once').body ?? '', 'once.txt'));
    let attempts = 0;
    const row = await db.$transaction(
      async tx => {
        const row = await tx.document.create({ data: { avatar: argument } });
        if (++attempts < 2) throw Object.assign(new Error('again'), { code: '40001' });
        return row;
      },
      { attempts: 2 },
    );
    expect(await row.avatar.stored?.text()).toBe('once');
    await agrees();
  });

  test('a swallowed failure rejects where the database rolls back for it', async () => {
    const { db, avatar, agrees, other } = await open(kind);
    const { id } = await db.document.create({ data: { avatar: avatar(file('old', 'old.txt')) } });
    const ended = await db
      .$transaction(async tx => {
        await tx.document.update({ where: { id }, data: { avatar: avatar(file('new', 'new.txt')) } });
        await tx.$executeRawUnsafe('SELECT nonsense').catch(() => {});
        return 'committed';
      })
      .catch(() => 'rolled back');
    expect(ended).toBe(kind === 'SQLite' ? 'committed' : 'rolled back');
    expect((await other.rows())[0]?.avatar).toMatch(ended === 'committed' ? /^new/ : /^old/);
    await agrees();
  });

  test('a transaction in which one of several rows could not be written cannot commit the others', async () => {
    const { db, avatar, other, agrees } = await open(kind);
    await db.document.create({ data: { id: 7, avatar: avatar(file('taken', 'taken.txt')) } });
    const writing = db.$transaction(async tx => {
      const nested = tx.document.create({
        data: {
          id: 8,
          avatar: avatar(file('a', 'a.txt')),
          children: { create: { id: 7, avatar: avatar(file('b', 'b.txt')) } },
        },
      });
      await nested.catch(() => {});
    });
    await expect(writing).rejects.toThrow();
    expect(await other.rows()).toHaveLength(1);
    await agrees();
  });

  test('two file columns of one row are stored and written together', async () => {
    const { client, storage, objects } = await open(kind);
    const fields = { avatar: { storage }, payload: { storage } };
    const db = client.$extends(prismaFiles(client, { models: { document: { fields } } }));
    const { avatar, payload } = db.$file.document;
    const row = await db.document.create({
      data: { avatar: avatar(file('a', 'a.txt')), payload: payload(file('p', 'p.txt')) },
    });
    expect(row.avatar.owner).toBe(row.payload.owner);
    avatar.set(row, file('new a', 'a.txt'));
    payload.set(row, null);
    await upload(row);
    const data = { avatar: avatar(row.avatar), payload: payload(row.payload) };
    await db.document.update({ where: { id: row.id }, data });
    expect(await objects()).toEqual([row.avatar.name]);
    expect([row.avatar.pending, row.payload.pending, row.payload.name]).toEqual([false, false, null]);
  });

  test('columns that are selected or left out decide whether there is a file', async () => {
    const { db, avatar } = await open(kind);
    const { id } = await db.document.create({ data: { avatar: avatar(file('x', 'x.txt')) } });
    const only = await db.document.findUniqueOrThrow({ where: { id }, select: { avatar: true } });
    expect(Object.keys(only)).toEqual(['avatar']);
    expect(only.avatar.reference().key).toEqual({ id });
    const without = await db.document.findUniqueOrThrow({ where: { id }, omit: { avatar: true } });
    expect('avatar' in without).toBe(false);
  });

  test('a field is read by key, revived and swept', async () => {
    const { db, avatar, storage } = await open(kind);
    const { id, avatar: stored } = await db.document.create({ data: { avatar: avatar(file('x', 'x.txt')) } });
    expect(await (await avatar.field.byKey({ id })).stored?.text()).toBe('x');
    expect(await avatar.field.revive(stored.reference()).stored?.text()).toBe('x');
    await storage.save('orphan.txt', 'nobody has it');
    const found: string[] = [];
    const fields = [avatar.field];
    await sweep({ storage, fields, graceSeconds: 0, onFinding: ({ name }) => found.push(name) });
    expect(found).toEqual(['orphan.txt']);
  });
});

test('a call of the client itself takes no part in a transaction of it', async () => {
  const { db, avatar, agrees, other } = await open('PostgreSQL');
  await expect(
    db.$transaction(async tx => {
      await tx.document.create({ data: { name: 'within', avatar: avatar(file('within', 'within.txt')) } });
      await db.document.create({ data: { name: 'apart', avatar: avatar(file('apart', 'apart.txt')) } });
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  expect((await other.rows()).map(({ name }) => name)).toEqual(['apart']);
  await agrees();
});

test('a transaction begun by another client is refused for files', async () => {
  const { client, agrees } = await open('PostgreSQL');
  const db = client.$extends(prismaFiles(client, { models: { document: { fields: { avatar: {} } } } }));
  const other = db.$extends({ query: { $allOperations: ({ args, query }) => query(args) } });
  await client.$transaction([client.document.create({ data: {} }), other.document.findFirst() as never]);
  const data = { avatar: null };
  const written = client.$transaction([db.document.update({ where: { id: 1 }, data }) as never]);
  await expect(written).rejects.toMatchObject({ code: 'unsupported' });
  await agrees();
});

test('extensions before and after see every call once', async () => {
  const { client } = await open('SQLite');
  const seen: string[] = [];
  const watch = (name: string) => ({
    query: {
      $allModels: {
        $allOperations({
          operation,
          args,
          query,
        }: {
          operation: string;
          args: unknown;
          query: (args: never) => never;
        }) {
          seen.push(`${name} ${operation}`);
          return query(args as never);
        },
      },
    },
  });
  const before = client.$extends(watch('before') as never) as unknown as PrismaClient;
  const db = before
    .$extends(
      prismaFiles(client, { models: { document: { fields: { avatar: { storage: new MemoryStorage() } } } } }),
    )
    .$extends(watch('after') as never);
  const avatar = (db as unknown as { $file: { document: { avatar: (input: unknown) => string } } }).$file
    .document.avatar;
  await (db as unknown as PrismaClient).document.create({ data: { avatar: avatar(file('x', 'x.txt')) } });
  expect(seen).toEqual(['before create', 'after create']);
});

test('the adapter of D1, which has no transactions, is refused by its name', () => {
  const adapter = Object.assign(new PrismaLibSql({ url: ':memory:' }), { adapterName: '@prisma/adapter-d1' });
  const client = sqliteClientOf(adapter);
  expect(() => prismaFiles(client, { models: {} })).toThrow(/@prisma\/adapter-d1 has no transactions/);
});

test('a model or field that the schema does not have is refused', async () => {
  const { client } = await open('SQLite');
  // @ts-expect-error
  expect(() => prismaFiles(client, { models: { user: { fields: {} } } })).toThrow('The schema has no user');
  // @ts-expect-error
  expect(() => prismaFiles(client, { models: { document: { fields: { photo: {} } } } })).toThrow(
    'Document.photo',
  );
});
