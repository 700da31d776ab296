// Somebody who has no rows: a storage on local disk, a file saved, listed, read back and deleted.
import assert from 'node:assert/strict';
import { FileSystemStorage } from '@fieldfile/fs';
import { isFieldFileError, storages } from '@fieldfile/storage';
import { fromPath } from '@fieldfile/storage/node';

storages.configure({ default: () => new FileSystemStorage({ root: 'media' }) });
const storage = storages.get('default');

const name = await storage.save('reports/july.txt', 'hello');
assert.equal(name, 'reports/july.txt');
const other = await storage.save(name, fromPath(import.meta.filename));
assert.match(other, /^reports\/july_\w{7}\.txt$/);

assert.deepEqual(
  (await storage.listdir('reports')).files.toSorted(),
  ['july.txt', other.slice(8)].toSorted(),
);
await using opened = await storage.open(name);
assert.equal(await opened.text(), 'hello');

await assert.rejects(storage.save('../outside.txt', 'x'), isFieldFileError);
await storage.delete(name);
assert.equal(await storage.exists(name), false);
