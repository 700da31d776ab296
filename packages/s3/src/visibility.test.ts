import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Visibility } from '@fieldfile/storage';
import { expect, onTestFinished, test } from 'vitest';
import { ownPlace } from '../test/place.ts';
import { MEBIBYTE } from './options.ts';
import { S3Storage } from './storage.ts';

/** Of two parts. */
async function* streamed(): AsyncGenerator<Uint8Array> {
  for (let chunk = 0; chunk < 6; chunk++) yield new Uint8Array(MEBIBYTE).fill(chunk);
}

async function storageIn(bucketName: string, acl?: 'public-read'): Promise<S3Storage> {
  const place = await ownPlace();
  const client = new S3Client(place.client);
  onTestFinished(async () => {
    client.destroy();
    await place.dispose();
  });
  if (bucketName !== place.options.bucketName)
    await client.send(
      new CreateBucketCommand({ Bucket: bucketName, ObjectOwnership: 'BucketOwnerPreferred' }),
    );
  return new S3Storage({
    ...place.options,
    bucketName,
    client,
    partSizeBytes: 5 * MEBIBYTE,
    ...(acl ? { objectParameters: { ACL: acl } } : {}),
  });
}

const statusOf = async (storage: S3Storage, name: string): Promise<number> => {
  const response = await fetch(storage.publicUrl(name));
  await response.body?.cancel();
  return response.status;
};

test.each<[Visibility | undefined, 'public-read' | undefined, number]>([
  ['public', undefined, 200],
  ['private', undefined, 403],
  [undefined, undefined, 403],
  ['private', 'public-read', 403],
  [undefined, 'public-read', 200],
])('%s objects, in a storage whose ACL is %s, are answered %i', async (visibility, acl, status) => {
  const storage = await storageIn('with-acls', acl);
  const options = visibility === undefined ? {} : { visibility };
  const names = [
    await storage.save('a.txt', 'one', options),
    await storage.save('b.bin', streamed(), options),
    await storage.copy('a.txt', 'c.txt', options),
    (await storage.replace('d.bin', streamed(), options)).name,
  ];
  for (const name of names) expect(await statusOf(storage, name), name).toBe(status);
});

test('a bucket without ACLs refuses it, with the fix, and has nothing of it', async () => {
  const storage = await storageIn('media');
  await expect(storage.save('a.txt', 'one', { visibility: 'public' })).rejects.toMatchObject({
    code: 'invalid-argument',
    message: expect.stringContaining('leave out visibility'),
  });
  expect(await Array.fromAsync(storage.list())).toEqual([]);
});
