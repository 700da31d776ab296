import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { ObjectVersion } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { firstExample, runProgram, runsTypeScript } from '@fieldfile/test-servers/examples';
import { type SshServer, sshdMissing, startSshd } from '@fieldfile/test-servers/sshd';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CuttingProxy, startCuttingProxy } from '../test/cutting-proxy.ts';
import type { SftpStorageOptions } from './options.ts';
import { SftpStorage } from './storage.ts';

const missing = sshdMissing();

describe.skipIf(missing)(`SFTP${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let server: SshServer;
  let root: string;
  const storages: SftpStorage[] = [];

  beforeAll(async () => {
    server = await startSshd();
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  beforeEach(() => {
    root = server.makeFolder();
  });

  afterEach(async () => {
    for (const storage of storages.splice(0)) await storage[Symbol.asyncDispose]();
  });

  function open(port = server.port, options: Partial<SftpStorageOptions> = {}): SftpStorage {
    const { host, username, privateKey, fingerprint } = server;
    const connection = { host, port, username, privateKey };
    const storage = new SftpStorage({
      connection,
      hostKey: fingerprint,
      root,
      retry: { baseDelayMs: 0 },
      ...options,
    });
    storages.push(storage);
    return storage;
  }

  const leftovers = (): string[] => readdirSync(join(root, '.fieldfile'));

  test('objects are files of that name, mode and content', async () => {
    const storage = open();
    expect(await storage.save('folder/a.txt', 'one')).toBe('folder/a.txt');
    expect(readFileSync(join(root, 'folder/a.txt'), 'utf8')).toBe('one');
    expect(leftovers()).toEqual([]);
    expect(Math.abs((await storage.info('folder/a.txt')).lastModified.getTime() - Date.now())).toBeLessThan(
      60_000,
    );
  });

  test('another host key is refused before anything secret is sent, and told', async () => {
    const storage = open(server.port, { hostKey: `SHA256:${'A'.repeat(43)}`, retry: { attempts: 1 } });
    const refused = await storage.exists('a.txt').catch(error => error);
    expect(refused).toMatchObject({ code: 'permission', retryable: false });
    expect(refused.message).toContain(server.fingerprint);
    expect(inspect(storage, { depth: 9 })).not.toContain('PRIVATE KEY');
  });

  test('several host keys: one of them is enough', async () => {
    const storage = open(server.port, { hostKey: [`SHA256:${'A'.repeat(43)}`, server.fingerprint] });
    expect(await storage.exists('a.txt')).toBe(false);
  });

  test.each([
    { hostKey: [] as string[] },
    { hostKey: 'MD5:00:11' },
    { root: 'media' },
    { root: '/srv/../etc' },
    { root: '' },
    { connection: { host: 'files.example.com' } },
    { timeoutSeconds: 0 },
    { filePermissionsMode: 0o10000 },
  ])('refuses %j when it is constructed', options => {
    expect(() => open(server.port, options)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  test('a root that leads through a link is refused, with its name', async () => {
    const link = `${root}-link`;
    symlinkSync(root, link);
    const refused = open(server.port, { root: link }).exists('a.txt');
    await expect(refused).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining(root),
    });
  });

  test('a root that is not there is an error, and so is one that vanished and was made anew', async () => {
    const storage = open();
    await storage.save('a.txt', 'one');
    renameSync(root, `${root}-away`);
    await expect(storage.exists('a.txt')).rejects.toMatchObject({ code: 'backend' });
    mkdirSync(root);
    await expect(storage.exists('a.txt')).rejects.toMatchObject({ code: 'backend' });
    await expect(storage.save('b.txt', 'two')).rejects.toMatchObject({ code: 'backend' });
    await expect(Array.fromAsync(storage.list())).rejects.toMatchObject({ code: 'backend' });
    rmSync(root, { recursive: true });
    renameSync(`${root}-away`, root);
    expect(await storage.exists('a.txt')).toBe(true);
  });

  test('a link is no object: not listed, not found, and an occupied name', async () => {
    const storage = open();
    await storage.save('a.txt', 'one');
    symlinkSync('a.txt', join(root, 'link.txt'));
    symlinkSync('/etc', join(root, 'linked'));
    expect(await Array.fromAsync(storage.list(), ({ name }) => name as string)).toEqual(['a.txt']);
    expect(await storage.exists('link.txt')).toBe(false);
    await expect(storage.open('link.txt')).rejects.toMatchObject({ code: 'not-found' });
    expect(await storage.save('link.txt', 'two')).not.toBe('link.txt');
    await storage.delete('link.txt');
    expect(readdirSync(root)).toContain('link.txt');
  });

  test('a connection may be lost at any answer: a save is made once and leaves nothing', async () => {
    await using proxy = await startCuttingProxy(server.port);
    const storage = open(proxy.port);
    await storage.save('warm.txt', 'x');
    let cuts = 0;
    for (let nth = 1; nth <= 40; nth++) {
      proxy.cutAt(nth);
      const name = await storage.save(`${nth}.txt`, `content ${nth}`);
      const isOver = !proxy.hasCut;
      proxy.cutAt(Number.POSITIVE_INFINITY);
      expect([name, readFileSync(join(root, name), 'utf8')]).toEqual([`${nth}.txt`, `content ${nth}`]);
      expect(leftovers(), `cut at ${nth}`).toEqual([]);
      if (isOver) break;
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(8);
    expect(cuts).toBeLessThan(40);
  });

  test('a connection may be lost at any answer: a replace with ifMatch is made once', async () => {
    await using proxy = await startCuttingProxy(server.port);
    const storage = open(proxy.port, { timeoutSeconds: 5 });
    await storage.save('a.txt', '0');
    let { version } = await storage.info('a.txt');
    for (let nth = 1; nth <= 40; nth++) {
      proxy.cutAt(nth);
      const replaced = await storage.replace('a.txt', `${nth}`, { ifMatch: version }).catch(error => error);
      const isOver = !proxy.hasCut;
      proxy.cutAt(Number.POSITIVE_INFINITY);
      const content = readFileSync(join(root, 'a.txt'), 'utf8');
      // The file that claims the version may be left: then it was not replaced, or what took it says so.
      if (replaced.code === undefined) expect(content, `cut at ${nth}`).toBe(`${nth}`);
      else expect(['conflict', 'backend', 'precondition']).toContain(replaced.code);
      for (const claim of leftovers()) rmSync(join(root, '.fieldfile', claim));
      version = (await storage.info('a.txt')).version;
      if (isOver) break;
    }
  }, 120_000);

  test('a process may die at any answer: what it left is taken away by its write id, and nothing else', async () => {
    const other = open();
    await other.save('kept.txt', 'kept');
    let deaths = 0;
    for (let nth = 1; nth <= 40; nth++) {
      await using proxy = await startCuttingProxy(server.port);
      const dying = open(proxy.port, { retry: { attempts: 1 } });
      await dying.exists('kept.txt');
      proxy.dieAt(nth);
      const writeId = newWriteId();
      const created = await dying.create('a.txt', `content ${nth}`, { writeId }).catch(() => undefined);
      await other.undo('a.txt', writeId);
      expect(readdirSync(root).sort(), `died at ${nth}`).toEqual(['.fieldfile', 'kept.txt']);
      expect(leftovers(), `died at ${nth}`).toEqual([]);
      if (created) break;
      deaths += 1;
    }
    expect(deaths).toBeGreaterThan(5);
    expect(deaths).toBeLessThan(40);
  });

  test('an undo leaves the object of a later write', async () => {
    const storage = open();
    const { name, writeId } = await storage.create('replaced.txt', 'two');
    await open().replace('replaced.txt', 'three');
    expect(await storage.undo(name, writeId)).toBe('foreign');
    expect(readFileSync(join(root, 'replaced.txt'), 'utf8')).toBe('three');
    expect(leftovers()).toEqual([]);
  });

  test('files that others put there have a version, too, and no write is taken for theirs', async () => {
    const storage = open();
    const { writeId } = await storage.create('mine.txt', 'one');
    writeFileSync(join(root, 'theirs.txt'), 'one');
    const { version } = await storage.info('theirs.txt');
    expect(await storage.undo('theirs.txt', writeId)).toBe('foreign');
    await expect(
      storage.delete('theirs.txt', { ifMatch: `${version}x` as ObjectVersion }),
    ).rejects.toMatchObject({
      code: 'precondition',
    });
    await storage.delete('theirs.txt', { ifMatch: version });
    expect(leftovers()).toEqual([]);
  });

  test('a version that somebody died with is told as a conflict, and waited for no longer than allowed', async () => {
    const storage = open(server.port, { timeoutSeconds: 1 });
    await storage.save('a.txt', 'one');
    const { version } = await storage.info('a.txt');
    for (let nth = 1; !leftovers().some(name => name.endsWith('.claim')); nth++) {
      await using proxy = await startCuttingProxy(server.port);
      const dying = open(proxy.port, { retry: { attempts: 1 } });
      await dying.exists('a.txt');
      proxy.dieAt(nth);
      await dying.replace('a.txt', 'two', { ifMatch: version }).catch(() => {});
    }
    expect(readFileSync(join(root, 'a.txt'), 'utf8')).toBe('one');
    await expect(storage.replace('a.txt', 'three', { ifMatch: version })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('.claim'),
    });
  });

  test('a server that does not answer any more is given up after the time', async () => {
    await using proxy: CuttingProxy = await startCuttingProxy(server.port);
    const storage = open(proxy.port, { timeoutSeconds: 1, retry: { attempts: 1 } });
    await storage.save('a.txt', 'one');
    proxy.swallow();
    await expect(storage.info('a.txt')).rejects.toMatchObject({ code: 'backend', retryable: true });
  });

  test('an abort is answered while the server does not', async () => {
    await using proxy = await startCuttingProxy(server.port);
    const storage = open(proxy.port);
    await storage.save('a.txt', 'one');
    proxy.swallow();
    const controller = new AbortController();
    const looking = storage.info('a.txt', { signal: controller.signal });
    controller.abort();
    await expect(looking).rejects.toMatchObject({ code: 'aborted' });
  });

  test.skipIf(!runsTypeScript)('the README’s example does what it says, and ends by itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fieldfile-sftp-readme-'));
    const keyFile = join(folder, 'key');
    writeFileSync(keyFile, server.privateKey, { mode: 0o600 });
    const printed = await runProgram(
      firstExample(join(import.meta.dirname, '..')),
      join(import.meta.dirname, '..'),
      {
        SFTP_HOST: server.host,
        SFTP_PORT: `${server.port}`,
        SFTP_USER: server.username,
        SFTP_KEY_FILE: keyFile,
        SFTP_HOST_KEY: server.fingerprint,
        SFTP_ROOT: root,
      },
    );
    rmSync(folder, { recursive: true });
    expect(printed).toMatch(/^Hello notes\/hello_\w{7}\.txt$/m);
  });
});
