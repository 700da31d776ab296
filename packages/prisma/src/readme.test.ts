import { join } from 'node:path';
import { postgresContract } from '@fieldfile/test-servers/databases';
import { firstExample, runProgram, runsTypeScript } from '@fieldfile/test-servers/examples';
import { expect, test } from 'vitest';

test.skipIf(!runsTypeScript)("the README's first example runs on PostgreSQL", async () => {
  await using postgres = postgresContract();
  const { url } = await postgres.open();
  // The client that is checked in has another model.
  const program = firstExample(join(import.meta.dirname, '..'))
    .replaceAll('user', 'document')
    .replace('./generated/client.ts', './client/client.js')
    .replace("{ PrismaLibSql } from '@prisma/adapter-libsql'", "{ PrismaPg } from '@prisma/adapter-pg'")
    .replace(
      "PrismaLibSql({ url: 'file:app.db' })",
      'PrismaPg({ connectionString: process.env.DATABASE_URL })',
    );
  const printed = await runProgram(program, join(import.meta.dirname, '../test'), { DATABASE_URL: url });
  expect(printed).toBe('avatars/new.png another\n');
});
