import { expect, test } from 'vitest';
import { djangoNames } from '../src/names/django-names.ts';
import { fieldFilename } from '../src/names/field-filename.ts';
import { Storage } from '../src/storage/storage.ts';
import { NameRecorder } from './name-recorder.ts';

const suspicious = expect.objectContaining({ code: 'suspicious-name' });
const INVALID = ['path/to/../test.file', '/path/to/test.file'];

test('django 4.1/1 test_validate_before_get_available_name: a bad name never reaches the backend', async () => {
  const backend = new NameRecorder();
  for (const name of INVALID) await expect(new Storage(backend).save(name, 'x')).rejects.toThrow(suspicious);
  expect(backend.names).toEqual([]);
});

test('django 4.1/2 test_validate_after_get_available_name: nor does one that the policy made', async () => {
  const backend = new NameRecorder();
  for (const bad of INVALID) {
    const names = { ...djangoNames({ first: 'unique' }), getAlternativeName: () => bad };
    await expect(new Storage(backend, { names }).save('test.file', 'x')).rejects.toThrow(suspicious);
  }
  expect(backend.names).toEqual([]);
});

test('django 4.1/3 test_validate_after_internal_save: a bad name from the backend is refused', async () => {
  for (const bad of INVALID)
    await expect(new Storage(new NameRecorder(() => bad)).save('test.file', 'x')).rejects.toThrow(suspicious);
});

test('django 4.2/5 test_valid_names: a storage stores under the generated name', async () => {
  const backend = new NameRecorder();
  const storage = new Storage(backend);
  const generated = storage.names.generateFilename('some\\.\\path/UnTRIVíAL @fil$ena#me!');
  expect(await storage.save(generated, 'x')).toBe('some/path/UnTRIVíAL_filename');
});

test('django 4.4/58 test_file_storage_prevents_directory_traversal: no question about a name outside', async () => {
  const storage = new Storage(new NameRecorder());
  for (const name of ['..', '/etc/passwd']) await expect(storage.exists(name)).rejects.toThrow(suspicious);
});

test('django 4.4/63 test_delete_no_name: nothing is deleted without a name', async () => {
  await expect(new Storage(new NameRecorder()).delete('')).rejects.toThrow(suspicious);
});

test('a key with spaces and odd characters reaches the backend byte for byte', async () => {
  const backend = new NameRecorder();
  const names = { ...djangoNames(), generateFilename: (name: string) => `mys3/${name}` };
  const name = fieldFilename({
    uploadTo: 'not/a/folder/',
    filename: 'my-file key with + odd % characters?#',
    policy: names,
    now: new Date(0),
  });
  await new Storage(backend, { names }).save(name, 'x');
  expect(backend.names).toEqual(['mys3/not/a/folder/my-file key with + odd % characters?#']);
});

test('an occupied name is followed by an alternative, and a long one is cut to the backend', async () => {
  const storage = new Storage(new NameRecorder());
  expect(await storage.save('a.txt', 'x')).toBe('a.txt');
  expect(await storage.save('a.txt', 'x')).toMatch(/^a_\w{7}\.txt$/);
  expect(await storage.save(`${'日'.repeat(200)}.txt`, 'x')).toMatch(/^日+_\w{7}\.txt$/);
});
