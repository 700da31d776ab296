import type { ObjectKey } from '@fieldfile/storage/backend';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { afterAll, expect, test } from 'vitest';
import { GcsBackend } from './backend.ts';

const server = await startGcsServer({ buckets: ['media'] });
afterAll(() => server.close());
const client = await connect(server);
const backend = new GcsBackend({ bucketName: 'media', client });

// The SDK's `file('..').delete()` deletes the bucket.
test.each(['', '.', '..', 'a/../b', '/a', 'a//b'])(
  'the key %j reaches no URL, however it was made',
  async text => {
    const key = text as ObjectKey;
    const refused = expect.objectContaining({ code: 'suspicious-name' });
    await expect(backend.remove(key)).rejects.toEqual(refused);
    await expect(backend.stat(key)).rejects.toEqual(refused);
    await expect(backend.read(key)).rejects.toEqual(refused);
    await expect(backend.signUrl(key, { expiresInSeconds: 60 })).rejects.toEqual(refused);
    expect(() => backend.publicUrl(key)).toThrow(refused);
    expect(await client.bucket('media').exists()).toEqual([true]);
  },
);
