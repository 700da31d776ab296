import { file } from '@fieldfile/core';
import { SqlJournal } from '@fieldfile/core/journal';
import { expect, test } from 'vitest';
import { MikroOrmFiles, sqlExecutor } from '../src/index.ts';
import { databases, type PhotoOrm } from './photo-orm.ts';

type AnyOrm = PhotoOrm['orm'];

const filesOf = (orm: AnyOrm): MikroOrmFiles =>
  new MikroOrmFiles({ journal: new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(orm) }) });

const [[, openSqlite], [, openPostgres]] = databases();
const forks: AnyOrm['em'][] = [];

test("a journal on the rows' own pool is refused, by whatever object it reaches it", async () => {
  const { orm, connect } = await openPostgres();
  const client = orm.em.getConnection().getClient();
  const sharing = await connect({ driverOptions: client });
  for (const same of [orm, sharing])
    expect(() => filesOf(same).attach(orm)).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringMatching(/pool of 1/) }),
    );
  const execute = Object.assign(sqlExecutor(orm), { database: client });
  const journal = new SqlJournal({ dialect: 'postgresql', execute });
  expect(() => new MikroOrmFiles({ journal }).attach(orm)).toThrow(/own/);
  filesOf(await connect({ pool: { max: 1 } })).attach(orm);
});

test('an entity manager that was forked before attach() flushes no files', async () => {
  const { Photo, orm, images } = await openSqlite({
    beforeAttach: early => void forks.push(early.em.fork()),
  });
  const [early] = forks;
  early?.create(Photo, { title: 'early', image: file('early', 'early.txt') });
  await expect(early?.flush()).rejects.toThrow(/fork it afterwards/);
  const em = orm.em.fork();
  em.create(Photo, { title: 'late', image: file('late', 'late.txt') });
  await em.flush();
  expect(await images()).toEqual({ late: 'late.txt' });
});
