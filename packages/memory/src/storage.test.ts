import { isFieldFileError } from '@fieldfile/storage';
import { expect, test } from 'vitest';
import { MemoryStorage } from './storage.ts';

async function text(storage: MemoryStorage, name: string): Promise<string> {
  await using opened = await storage.open(name);
  return await opened.text();
}

async function bytes(storage: MemoryStorage, name: string): Promise<Uint8Array> {
  await using opened = await storage.open(name);
  return await opened.bytes();
}

test('django 4.3/17 test_write_string: text and bytes come back as they went in', async () => {
  const storage = new MemoryStorage();
  await storage.replace('file.txt', 'hello');
  expect(await text(storage, 'file.txt')).toBe('hello');
  await storage.replace('file.dat', Uint8Array.of(0x68, 0xff));
  expect(await bytes(storage, 'file.dat')).toEqual(Uint8Array.of(0x68, 0xff));
});

test('django 4.3/18 test_convert_str_to_bytes_and_back: text is stored as UTF-8 and read either way', async () => {
  const storage = new MemoryStorage();
  await storage.replace('file.txt', 'hello è');
  expect(await bytes(storage, 'file.txt')).toEqual(new TextEncoder().encode('hello è'));
  await storage.replace('file.dat', new TextEncoder().encode('hello è'));
  expect(await text(storage, 'file.dat')).toBe('hello è');
});

test('django 4.3/19 test_open_missing_file: opening what is not there is not-found', async () => {
  await expect(new MemoryStorage().open('missing.txt')).rejects.toMatchObject({
    code: 'not-found',
    objectName: 'missing.txt',
  });
});

test('django 4.3/20 test_open_dir_as_file: a folder is no object', async () => {
  const storage = new MemoryStorage();
  await storage.save('a/b/file.txt', 'hello');
  await expect(storage.open('a/b')).rejects.toMatchObject({ code: 'not-found' });
});

test('django 4.3/21 test_file_saving: saved text and bytes are read back', async () => {
  const storage = new MemoryStorage();
  expect(await storage.save('file.txt', 'test')).toBe('file.txt');
  expect(await text(storage, 'file.txt')).toBe('test');
  expect(await storage.save('file.dat', Uint8Array.of(0xf1))).toBe('file.dat');
  expect(await bytes(storage, 'file.dat')).toEqual(Uint8Array.of(0xf1));
});

test('django 4.3/23 test_large_file_saving: content of several chunks is kept whole', async () => {
  const storage = new MemoryStorage();
  const chunk = new Uint8Array(64 * 1024).fill(0x41);
  await storage.save('file.txt', [chunk, chunk, chunk]);
  expect(await text(storage, 'file.txt')).toBe('A'.repeat(3 * 64 * 1024));
});

test('django 4.3/24 test_file_size: the size counts bytes, not characters', async () => {
  const storage = new MemoryStorage();
  for (const [content, sizeBytes] of [
    ['test', 4] as const,
    ['è', 2] as const,
    [Uint8Array.of(0xf1, 0xf1), 2] as const,
  ]) {
    await storage.replace('file', content);
    expect((await storage.info('file')).sizeBytes).toBe(sizeBytes);
  }
});

test('django 4.3/25 test_listdir: nothing at first, then folders and files', async () => {
  const storage = new MemoryStorage();
  expect(await storage.listdir()).toEqual({ folders: [], files: [] });
  await storage.save('file_a.txt', 'a');
  await storage.save('file_b.txt', 'b');
  await storage.save('dir/file_c.txt', 'c');
  expect(await storage.listdir()).toEqual({ folders: ['dir'], files: ['file_a.txt', 'file_b.txt'] });
  expect(await storage.listdir('dir')).toEqual({ folders: [], files: ['file_c.txt'] });
});

test('django 4.3/26 test_list_relative_path: dots in the path of a folder mean nothing', async () => {
  const storage = new MemoryStorage();
  await storage.save('a/file.txt', 'a');
  expect(await storage.listdir('./a/./.')).toEqual({ folders: [], files: ['file.txt'] });
});

test('django 4.3/27 test_exists: objects exist, folders are only part of their names', async () => {
  const storage = new MemoryStorage();
  await storage.save('dir/subdir/file.txt', 'a');
  expect(await storage.exists('dir/subdir/file.txt')).toBe(true);
  expect(await storage.exists('dir/subdir')).toBe(false);
  expect(await storage.exists('dir/other.txt')).toBe(false);
});

test('django 4.3/28 test_delete: an object is gone, and a tree with the names below it', async () => {
  const storage = new MemoryStorage();
  for (const name of ['file.txt', 'dir/a.txt', 'dir/subdir/b.txt']) await storage.save(name, name);
  await storage.delete('file.txt');
  expect(await storage.listdir()).toEqual({ folders: ['dir'], files: [] });
  const tree = await Array.fromAsync(storage.list('dir/'), object => object.name);
  expect(await storage.deleteMany(tree)).toEqual(new Map());
  expect(await storage.listdir()).toEqual({ folders: [], files: [] });
});

test('django 4.3/29 test_delete_missing_file: deleting what is not there is silent', async () => {
  const storage = new MemoryStorage();
  await storage.delete('missing.txt');
  await storage.delete('missing/dir/file.txt');
});

test('django 4.3/33 test_file_modified_time: lastModified grows with every write', async () => {
  let now = Date.parse('2025-01-01T00:00:00Z');
  const storage = new MemoryStorage({ clock: () => new Date(now) });
  await storage.save('file.txt', 'one');
  expect((await storage.info('file.txt')).lastModified).toEqual(new Date('2025-01-01T00:00:00Z'));
  now += 1000;
  await storage.replace('file.txt', 'two');
  expect((await storage.info('file.txt')).lastModified).toEqual(new Date('2025-01-01T00:00:01Z'));
});

test('refuses what does not fit the quota, and has the room again afterwards', async () => {
  const storage = new MemoryStorage({ maxBytes: 1000 });
  await storage.save('a', new Uint8Array(600));
  const error = await storage.save('b', [new Uint8Array(300), new Uint8Array(300)]).catch(thrown => thrown);
  expect(isFieldFileError(error, 'no-space')).toBe(true);
  await expect(storage.copy('a', 'b')).rejects.toMatchObject({ code: 'no-space' });
  await storage.save('b', new Uint8Array(400));
  await storage.delete('a');
  await storage.replace('b', new Uint8Array(600));
  expect(await storage.save('c', new Uint8Array(400))).toBe('c');
});

test('gives every storage an id of its own, or the one it is given', () => {
  expect(new MemoryStorage().id).not.toBe(new MemoryStorage().id);
  expect(new MemoryStorage({ id: 'scratch' }).id).toBe('scratch');
});
