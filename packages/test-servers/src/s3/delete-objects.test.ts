import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { afterAll, expect, test } from 'vitest';
import { S3Fixture } from '../../test/s3-fixture.ts';

const s3 = await S3Fixture.start();
afterAll(() => s3[Symbol.asyncDispose]());

test('answers the deletion of what is not there like any other', async () => {
  expect((await s3.remove('nothing')).$metadata.httpStatusCode).toBe(204);
});

test('deletes many keys at once, missing ones too', async () => {
  await s3.put('many/1', 'x');
  await s3.put('many/2 é&<', 'x');
  const Objects = ['many/1', 'many/2 é&<', 'many/none'].map(Key => ({ Key }));
  const deleted = await s3.client.send(new DeleteObjectsCommand({ Bucket: s3.bucket, Delete: { Objects } }));
  expect(deleted.Deleted).toHaveLength(3);
  expect(deleted.Errors ?? []).toEqual([]);
  expect((await s3.list({ Prefix: 'many/' })).Contents ?? []).toEqual([]);
});

test('says of each of many keys whether its condition held', async () => {
  const { ETag } = await s3.put('conditional/1', 'x');
  await s3.put('conditional/2', 'x');
  const deleted = await s3.client.send(
    new DeleteObjectsCommand({
      Bucket: s3.bucket,
      Delete: {
        Objects: [
          { Key: 'conditional/1', ETag },
          { Key: 'conditional/2', ETag: '"other"' },
        ],
      },
    }),
  );
  expect(deleted.Deleted?.map(({ Key }) => Key)).toEqual(['conditional/1']);
  expect(deleted.Errors?.map(({ Key, Code }) => [Key, Code])).toEqual([
    ['conditional/2', 'PreconditionFailed'],
  ]);
});
