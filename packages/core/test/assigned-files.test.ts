import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineFiles, file, model, upload } from '@fieldfile/core';
import { fromPath } from '@fieldfile/core/node';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, onTestFinished, test } from 'vitest';

interface Row {
  id: number;
  avatar: string | null;
  previous: string | null;
}

/** Plain rows without a binding, and what is on their storage. */
async function fixture() {
  const storage = new MemoryStorage();
  const other = new MemoryStorage();
  const files = defineFiles(model<Row>()('row', 'id'), {
    avatar: { storage },
    previous: { storage: other },
  });
  const row = async (id: number, content: string): Promise<Row> => {
    const made: Row = { id, avatar: null, previous: null };
    await files.avatar.of(made).save(content, { name: `${content}.txt` });
    return made;
  };
  const text = async (of: Row) => files.avatar.of(of).stored?.text();
  const names = async (): Promise<string[]> =>
    (await Array.fromAsync(storage.list())).map(({ name }) => name);
  return { files, row, text, names };
}

test('a row without a binding that is cleared keeps the object until it is copied', async () => {
  const { files, row, text, names } = await fixture();
  const [doc, archive] = [await row(1, 'doc'), await row(2, 'archive')];
  files.avatar.set(archive, files.avatar.of(doc));
  await files.avatar.of(doc).delete();
  expect([doc.avatar, await names()]).toEqual([null, ['archive.txt', 'doc.txt']]);
  await upload(archive);
  expect([await text(archive), await names()]).toEqual(['doc', ['archive.txt', archive.avatar]]);
});

test('the current file goes to another column on another storage, and a new one comes', async () => {
  const { files, row, text } = await fixture();
  const doc = await row(1, 'current');
  files.previous.set(doc, files.avatar.of(doc));
  files.avatar.set(doc, file('new', 'new.txt'));
  await upload(doc);
  expect([await text(doc), await files.previous.of(doc).stored?.text()]).toEqual(['new', 'current']);
});

test('a row’s own file, assigned to it, is nothing new', async () => {
  const { files, row } = await fixture();
  const doc = await row(1, 'doc');
  files.avatar.set(doc, files.avatar.of({ ...doc }));
  files.avatar.set(doc, files.avatar.of(doc));
  expect(files.avatar.of(doc).pending).toBe(false);
});

test('three rows that pass their files round are refused before one is lost', async () => {
  const { files, row, text } = await fixture();
  const [a, b, c] = [await row(1, 'a'), await row(2, 'b'), await row(3, 'c')];
  const [fileA, fileB, fileC] = [files.avatar.of(a), files.avatar.of(b), files.avatar.of(c)];
  files.avatar.set(a, fileB);
  files.avatar.set(b, fileC);
  expect(() => files.avatar.set(c, fileA)).toThrow(
    expect.objectContaining({
      code: 'invalid-argument',
      field: 'row.avatar',
      message: expect.stringContaining('const was = file('),
    }),
  );
  expect(await text(c)).toBe('c');
});

test('new rows pass on what they were given, in a chain', async () => {
  const { files, row, text } = await fixture();
  const doc = await row(1, 'doc');
  const [one, two]: Row[] = [2, 3].map(id => ({ id, avatar: null, previous: null }));
  if (!one || !two) throw new Error('there are two rows');
  files.avatar.set(one, files.avatar.of(doc));
  files.avatar.set(two, files.avatar.of(one));
  await upload([one, two]);
  expect([await text(one), await text(two)]).toEqual(['doc', 'doc']);
  expect(new Set([doc.avatar, one.avatar, two.avatar]).size).toBe(3);
});

test('a file of this machine that is to be consumed is given to one row only', async () => {
  const { files, row, text } = await fixture();
  const folder = await mkdtemp(join(tmpdir(), 'fieldfile-assigned-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'local.txt');
  await writeFile(path, 'local');
  const [a, b] = [await row(1, 'a'), await row(2, 'b')];
  files.avatar.set(a, file(fromPath(path, { consume: true })));
  expect(() => files.avatar.set(b, files.avatar.of(a))).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  );
  await upload([a, b]);
  expect([await text(a), await text(b)]).toEqual(['local', 'b']);
});

test('what one row gave up stays whole for the other that shares it', async () => {
  const { files, row, text } = await fixture();
  const [a, b] = [await row(1, 'a'), await row(2, 'b')];
  files.avatar.set(a, file(new Blob(['shared']), 'shared.txt'));
  files.avatar.set(b, files.avatar.of(a));
  files.avatar.set(a, file('other', 'other.txt'));
  await upload([a, b]);
  expect([await text(a), await text(b)]).toEqual(['other', 'shared']);
});
