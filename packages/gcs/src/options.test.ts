import { inspect } from 'node:util';
import { Storage as Client } from '@google-cloud/storage';
import { expect, test } from 'vitest';
import type { GcsStorageOptions } from './options.ts';
import { GcsStorage } from './storage.ts';

const KEY = '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----';
const credentials = { client_email: 'me@example.iam.gserviceaccount.com', private_key: KEY };

test.each<[string, object]>([
  ['bucketName', {}],
  ['bucketName', { bucketName: 'gs://media' }],
  ['bucketName', { bucketName: 'Media' }],
  ['client', { client: {} }],
  ['client', { client: new Client({ projectId: 'p' }), projectId: 'p' }],
  ['credentials', { credentials: { client_email: 'a' } }],
  ['apiEndpoint', { apiEndpoint: 'storage.example.com' }],
  ['customEndpoint', { customEndpoint: 'https://cdn.example.com/?a' }],
  ['blobChunkSize', { blobChunkSize: 1_000_000 }],
  ['blobChunkSize', { blobChunkSize: 0 }],
  ['timeoutMs', { timeoutMs: -1 }],
  ['expiryStepSeconds', { expiryStepSeconds: 0.5 }],
  ['signedUploadMethod', { signedUploadMethod: 'PATCH' }],
])('refuses a bad %s, by its name', (option, options) => {
  const given = { ...(option === 'bucketName' ? {} : { bucketName: 'media' }), ...options };
  expect(() => new GcsStorage(given as GcsStorageOptions)).toThrow(
    expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining(option) }),
  );
});

test('refuses a location that leads out', () => {
  expect(() => new GcsStorage({ bucketName: 'media', location: '../other' })).toThrow(
    expect.objectContaining({ code: 'suspicious-name' }),
  );
});

test('shows no secret when it is inspected', () => {
  const storage = new GcsStorage({ bucketName: 'media', projectId: 'p', credentials });
  for (const shown of [storage, storage.backend])
    expect(`${inspect(shown, { depth: 20 })} ${JSON.stringify(shown)}`).not.toMatch(/PRIVATE KEY|secret/);
  expect(inspect(storage.backend)).toContain('media');
});

test('two storages of one bucket have one id, two buckets two', () => {
  const id = (bucketName: string): string => new GcsStorage({ bucketName, projectId: 'p', credentials }).id;
  expect(id('media')).toBe('gcs:https://storage.googleapis.com/media');
  expect(id('other')).not.toBe(id('media'));
});
