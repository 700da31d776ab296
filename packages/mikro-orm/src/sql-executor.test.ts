import { MikroORM } from '@mikro-orm/libsql';
import { expect, onTestFinished, test } from 'vitest';
import { executorOf } from './sql-executor.ts';

test('values go to their placeholders, whatever is in them', async () => {
  const orm = await MikroORM.init({
    entities: [],
    dbName: ':memory:',
    discovery: { warnWhenNoEntities: false },
  });
  onTestFinished(() => orm.close());
  const execute = executorOf(orm.em);
  const values = [`it's`, 'a \\ and "b"', '$1 ? ?? \\?', null, 12];
  const numbered = await execute('SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e, $1 AS f', values);
  expect(Object.values(numbered.rows[0] ?? {})).toEqual([...values, `it's`]);
  const marked = await execute('SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e', values);
  expect(Object.values(marked.rows[0] ?? {})).toEqual(values);
  await execute('CREATE TABLE things (id integer)', []);
  expect((await execute('INSERT INTO things VALUES (?), (?)', [1, 2])).affectedRows).toBe(2);
});
