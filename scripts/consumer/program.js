// What a newcomer writes first: a field on local disk, a row, a file saved and read back.
import assert from 'node:assert/strict';
import { defineFiles, isFieldFileError, model } from '@fieldfile/core';
import { FileSystemStorage } from '@fieldfile/fs';

const storage = new FileSystemStorage({ root: 'media' });
const users = defineFiles(model()('user', 'id'), {
  avatar: { storage, uploadTo: (row, filename) => `${row.tenant}/${filename}` },
});

const row = { id: 1, tenant: 'acme', avatar: null };
const avatar = users.avatar.of(row);
await avatar.save('hello', { name: 'hello.txt' });
assert.equal(avatar.name, 'acme/hello.txt');
assert.equal(await users.avatar.of(row).stored?.text(), 'hello');

await assert.rejects(storage.save('../outside.txt', 'x'), isFieldFileError);

await avatar.delete();
assert.equal(avatar.stored, null);
assert.equal(await storage.exists('acme/hello.txt'), false);
