import { expect, test } from 'vitest';
import { GcsStorage } from './storage.ts';

const bucketName = 'media';

test.each([
  ['gcs:https://storage.googleapis.com/media', {}],
  [
    'gcs:https://storage.googleapis.com/media',
    { apiEndpoint: 'https://storage.europe-west3.rep.googleapis.com' },
  ],
  [
    'gcs:https://storage.googleapis.com/media/a',
    { apiEndpoint: 'https://storage.googleapis.com/', location: 'a' },
  ],
  ['gcs:http://localhost:4443/media', { apiEndpoint: 'http://LOCALHOST:4443/' }],
  ['gcs:http://localhost:4443/media', { apiEndpoint: 'http://user:password@localhost:4443' }],
  ['mine', { id: 'mine', location: 'a' }],
])('%s: %o', async (id, options) => {
  await using storage = new GcsStorage({ bucketName, ...options });
  expect(storage.id).toBe(id);
});

test('one place has one id, and none inside of it', async () => {
  await using _whole = new GcsStorage({ bucketName, location: 'a' });
  const open = (options: object) => () => new GcsStorage({ bucketName, ...options });
  for (const options of [{ location: 'a', id: 'mine' }, { location: 'a/b' }, {}])
    expect(open(options)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  expect(open({ location: 'b' })).not.toThrow();
});

test('what version 0.1.0 called it is a former id', async () => {
  await using storage = new GcsStorage({
    bucketName,
    apiEndpoint: 'https://storage.me-west1.rep.googleapis.com',
  });
  expect(storage.formerIds).toEqual(['gcs:https://storage.me-west1.rep.googleapis.com/media']);
});
