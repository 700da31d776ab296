import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { defineFiles, type FieldFile, model } from '@fieldfile/core';
import { fromPath } from '@fieldfile/core/node';
import { MemoryStorage } from '@fieldfile/memory';
import { Storage, storages } from '@fieldfile/storage';
import { expect, onTestFinished, test } from 'vitest';

interface Row {
  id: number;
  normal: string | null;
  other: string | null;
}

function fields(storage: Storage = new MemoryStorage()) {
  const { normal, other } = defineFiles(model<Row>()('storage', 'id'), {
    normal: { storage, uploadTo: 'tests/' },
    other: { storage, uploadTo: 'others/' },
  });
  const row: Row = { id: 1, normal: null, other: null };
  return { storage, row, normal: normal.of(row), other: other.of(row) };
}

async function read(storage: Storage, name: string): Promise<string> {
  await using opened = await storage.open(name);
  return await opened.text();
}

const stored = (handle: FieldFile): NonNullable<FieldFile['stored']> => {
  if (!handle.stored) throw new Error('Nothing is stored.');
  return handle.stored;
};

test('django 4.4/43 test_file_access_options: an object is written, seen, read and deleted', async () => {
  const storage = new MemoryStorage();
  expect(await storage.exists('storage_test')).toBe(false);
  await storage.save('storage_test', 'storage contents');
  expect(await storage.exists('storage_test')).toBe(true);
  expect(await read(storage, 'storage_test')).toBe('storage contents');
  await storage.delete('storage_test');
  expect(await storage.exists('storage_test')).toBe(false);
});

test("django 4.4/48 test_file_get_modified_time: the time an object became visible, by the storage's clock", async () => {
  const now = new Date('2025-10-02T12:00:00Z');
  const storage = new MemoryStorage({ clock: () => now });
  await storage.save('test.file', 'custom contents');
  expect((await storage.info('test.file')).lastModified).toEqual(now);
  now.setUTCHours(13);
  await storage.replace('test.file', 'other contents');
  expect((await storage.info('test.file')).lastModified).toEqual(now);
});

test('django 4.4/50 test_file_save_without_name: content that has a name is stored under it', async () => {
  const { storage, normal } = fields();
  await normal.save(new File(['custom contents'], 'test.file'));
  expect(normal.name).toBe('tests/test.file');
  expect(await read(storage, 'tests/test.file')).toBe('custom contents');
});

test('django 4.4/57 test_listdir: folders and files of one level', async () => {
  const storage = new MemoryStorage();
  for (const name of ['storage_test_1', 'storage_test_2', 'storage_dir_1/a'])
    await storage.save(name, 'custom content');
  const listing = { folders: ['storage_dir_1'], files: ['storage_test_1', 'storage_test_2'] };
  expect(await storage.listdir('')).toEqual(listing);
  expect(await storage.listdir()).toEqual(listing);
});

test('django 4.4/62 test_file_chunks_error: the error of a content hides behind no other', async () => {
  const storage = new MemoryStorage();
  const failure = Object.assign(new Error('chunks failed'), { code: 'EIO' });
  const failing = new Readable({
    read() {
      this.destroy(failure);
    },
  });
  await expect(storage.save('error.file', failing)).rejects.toBe(failure);
  expect(await storage.exists('error.file')).toBe(false);
});

test('django 4.4/68 test_save_overwrite_behavior: replace keeps the name and changes the content', async () => {
  const storage = new MemoryStorage();
  const name = await storage.save('test.file', 'content 1');
  expect((await storage.replace(name, 'content 2')).name).toBe(name);
  expect(await read(storage, name)).toBe('content 2');
  expect((await storage.listdir()).files).toEqual(['test.file']);
});

test('django 4.4/69 test_save_overwrite_behavior_truncate: shorter new content leaves no tail', async () => {
  const storage = new MemoryStorage();
  const name = await storage.save('test.file', 'content 1');
  await storage.replace(name, 'short');
  expect(await read(storage, name)).toBe('short');
  expect((await storage.info(name)).sizeBytes).toBe(5);
});

test('django 4.4/70 test_save_overwrite_behavior_temp_file: also by the content of a temporary file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'django-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const storage = new MemoryStorage();
  const name = await storage.save('test.file', 'content 1');
  await writeFile(join(folder, 'upload.tmp'), 'new');
  await storage.replace(name, fromPath(join(folder, 'upload.tmp'), { consume: true }));
  expect(await read(storage, name)).toBe('new');
});

test('django 4.4/75 test_filefield_read: whole, in parts, in chunks', async () => {
  const { normal } = fields();
  await normal.save('content', { name: 'read.txt' });
  const whole = stored(normal);
  expect(await whole.text()).toBe('content');
  const parts: string[] = [];
  for (let start = 0; start < 7; start += 2) parts.push(await whole.text({ start, endExclusive: start + 2 }));
  expect(parts).toEqual(['co', 'nt', 'en', 't']);
  const chunks: Uint8Array[] = [];
  for await (const chunk of whole.stream()) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe('content');
});

test('django 4.4/77 test_filefield_reopen: a file can be opened again after it was closed', async () => {
  const { normal } = fields();
  await normal.save('content', { name: 'reopen.txt' });
  for (let time = 0; time < 2; time++) {
    await using opened = await stored(normal).open();
    expect(await opened.text()).toBe('content');
  }
});

test('django 4.4/87 test_filefield_pickling: a reference keeps the name through a cache', async () => {
  const { normal, storage, row } = fields();
  await normal.save('content', { name: 'django_test.txt' });
  const cached = JSON.stringify(normal.reference());
  expect(JSON.parse(cached)).toMatchObject({
    model: 'storage',
    field: 'normal',
    name: 'tests/django_test.txt',
  });
  const again = defineFiles(model<Row>()('storage', 'id'), { normal: { storage } });
  expect(again.normal.revive(JSON.parse(cached)).name).toBe(row.normal);
});

test('django 4.4/88 test_file_object: a Node stream of text is read back as bytes', async () => {
  const storage = new MemoryStorage();
  const name = await storage.save('filename', Readable.from(['A file', ' with non-ASCII: é']));
  await using opened = await storage.open(name);
  expect(Buffer.from(await opened.bytes()).toString()).toBe('A file with non-ASCII: é');
});

test('django 4.4/90 test_create_file_field_from_another_file_field_in_memory_storage: as an object of its own', async () => {
  const { storage, row, normal, other } = fields();
  await normal.save('content', { name: 'a.txt' });
  await other.save(stored(normal));
  expect([row.normal, row.other]).toEqual(['tests/a.txt', 'others/a.txt']);
  await normal.delete();
  expect(await read(storage, 'others/a.txt')).toBe('content');
});

test.each<[string, string | Uint8Array, string]>([
  ['bytes', new TextEncoder().encode('content'), 'content'],
  ['text', 'español', 'español'],
])('django 4.4/105 test_content_saving: %s', async (_, content, expected) => {
  const { storage, normal } = fields();
  expect(await read(storage, await storage.save('content.txt', content))).toBe(expected);
  await normal.save(content, { name: 'content.txt' });
  expect(await stored(normal).text()).toBe(expected);
});

test('django 4.4/106 test_urllib_request_urlopen: the body of an HTTP response is content', async () => {
  const server = createServer((_, response) => response.end('from the network'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { body } = await fetch(`http://127.0.0.1:${port}/`);
  if (!body) throw new Error('No body.');
  const storage = new MemoryStorage();
  expect(await read(storage, await storage.save('remote_file.html', body))).toBe('from the network');
});

test('django 4.4/107 test_same_instance: one instance an alias', () => {
  storages.configure({ 'same-instance': () => new MemoryStorage() });
  const [first, second] = [storages.get('same-instance'), storages.get('same-instance')];
  expect(first).toBeInstanceOf(Storage);
  expect(second).toBe(first);
});

test('django 4.4/109 test_nonexistent_alias: names what there is and what to do', () => {
  expect(() => storages.get('nonexistent')).toThrow(
    expect.objectContaining({
      code: 'unknown-storage',
      message: expect.stringMatching(
        /^No storage is configured as "nonexistent" .* call storages\.configure\(/,
      ),
    }),
  );
});
