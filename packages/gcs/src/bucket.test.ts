import type { ObjectName } from '@fieldfile/storage/backend';
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
    const name = text as ObjectName;
    const refused = expect.objectContaining({ code: 'suspicious-name' });
    await expect(backend.remove(name)).rejects.toEqual(refused);
    await expect(backend.info(name)).rejects.toEqual(refused);
    await expect(backend.read(name)).rejects.toEqual(refused);
    await expect(backend.signUrl(name, { expiresInSeconds: 60 })).rejects.toEqual(refused);
    expect(() => backend.publicUrl(name)).toThrow(refused);
    expect(await client.bucket('media').exists()).toEqual([true]);
  },
);
