import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromPath } from '@fieldfile/storage/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../test/run-program.ts';
import { temporaryRoot } from '../test/temporary-root.ts';
import { FileSystemStorage } from './storage.ts';

let root: string;

beforeEach(() => {
  root = temporaryRoot();
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const mode = (...path: string[]): number => statSync(join(root, ...path)).mode & 0o7777;

describe('permissions', () => {
  test('are 0644 for objects by default, and 0700 for what is internal', async () => {
    const storage = new FileSystemStorage({ root });
    await storage.save('a/b.txt', 'b');
    expect(mode('a/b.txt')).toBe(0o644);
    expect(mode('.fieldfile')).toBe(0o700);
  });

  test('are kept by replace, copy and files taken from elsewhere', async () => {
    const storage = new FileSystemStorage({ root, filePermissionsMode: 0o640 });
    await storage.save('a.txt', 'a');
    await storage.replace('a.txt', 'b');
    await storage.copy('a.txt', 'b.txt');
    const secret = join(root, 'elsewhere');
    writeFileSync(secret, 'c', { mode: 0o600 });
    await storage.save('c.txt', await fromPath(secret));
    await storage.save('d.txt', await fromPath(secret, { consume: true }));
    for (const name of ['a.txt', 'b.txt', 'c.txt', 'd.txt']) expect(mode(name)).toBe(0o640);
  });

  // CVE-2020-24583, CVE-2026-25674: every level that is made, exactly, whatever the umask, which is not touched.
  test.each([
    ['django 4.4/99 test_file_upload_permissions', 'filePermissionsMode: 0o654', 'one/two/a.txt', 0o654],
    ['django 4.4/100 test_file_upload_default_permissions', '', 'one/two/a.txt', 0o644],
    [
      'django 4.4/101 test_file_upload_directory_permissions',
      'directoryPermissionsMode: 0o765',
      'one/two',
      0o765,
    ],
    [
      'django 4.4/101 test_file_upload_directory_permissions (every level)',
      'directoryPermissionsMode: 0o765',
      'one',
      0o765,
    ],
    ['django 4.4/102 test_file_upload_directory_default_permissions', '', 'one/two', 0o750],
    ['django 4.4/102 test_file_upload_directory_default_permissions (every level)', '', 'one', 0o750],
  ])('%s', async (_, options, path, expected) => {
    await runProgram(`
      import { FileSystemStorage } from '@fieldfile/fs';
      process.umask(0o027);
      const storage = new FileSystemStorage({ root: ${JSON.stringify(join(root, 'made'))}, ${options} });
      await storage.save('one/two/a.txt', 'content');
      if (process.umask(0o027) !== 0o027) throw new Error('the umask was changed');
    `);
    expect(mode('made', path)).toBe(expected);
    expect(mode('made')).toBe(options.startsWith('directory') ? 0o765 : 0o750);
  });

  test('are an error that says so where the root cannot be written', async () => {
    const { code, message } = JSON.parse(
      await runProgram(`
        import { FileSystemStorage } from '@fieldfile/fs';
        import { chmodSync, mkdirSync } from 'node:fs';
        const root = ${JSON.stringify(join(root, 'read-only'))};
        mkdirSync(root);
        chmodSync(root, 0o555);
        if (process.getuid() === 0) process.seteuid(65534);
        const error = await new FileSystemStorage({ root }).save('a.txt', 'a').catch(error => error);
        if (process.getuid() === 0) process.seteuid(0);
        console.log(JSON.stringify({ code: error.code, message: error.message }));
      `),
    );
    expect(code).toBe('permission');
    expect(message).toContain('"a.txt" on storage "fs:');
  });
});
