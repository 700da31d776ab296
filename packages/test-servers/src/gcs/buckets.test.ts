import { afterAll, expect, test } from 'vitest';
import { GcsClient, refusal } from '../../test/gcs-client.ts';

const gcs = await GcsClient.start();
afterAll(() => gcs.close());

test('a bucket is created, exists, and cannot be created again', async () => {
  await gcs.storage.createBucket('created');
  expect(await gcs.storage.bucket('created').exists()).toEqual([true]);
  expect(await refusal(gcs.storage.createBucket('created'))).toBe(409);
});

test('a missing bucket is 404 for its metadata, for reading, writing and listing', async () => {
  const missing = gcs.storage.bucket('missing');
  expect(await refusal(missing.getMetadata())).toBe(404);
  expect(await refusal(missing.file('x').download())).toBe(404);
  expect(await refusal(missing.file('x').save('x', { resumable: false }))).toBe(404);
  expect(await refusal(missing.file('x').save('x', { resumable: true }))).toBe(404);
  expect(await refusal(missing.getFiles())).toBe(404);
  await expect(missing.getFiles()).rejects.toThrow('The specified bucket does not exist.');
});

test('a bucket with objects cannot be deleted, an empty one can', async () => {
  await gcs.storage.createBucket('emptied');
  const bucket = gcs.storage.bucket('emptied');
  await bucket.file('x').save('x', { resumable: false });
  expect(await refusal(bucket.delete())).toBe(409);
  await bucket.file('x').delete();
  await bucket.delete();
  expect(await bucket.exists()).toEqual([false]);
});

test("the SDK's delete of an object named '..' reaches the bucket, and stops at one that is not empty", async () => {
  await gcs.put('kept', 'x');
  expect(await refusal(gcs.file('..').delete())).toBe(409);
  expect(await gcs.text('kept')).toBe('x');
});

test.each(['ab', 'Upper', '-dash', 'white space'])('the bucket name %j is refused', async name => {
  expect(await refusal(gcs.storage.createBucket(name))).toBe(400);
});

test('a versioned bucket keeps what was overwritten and deleted', async () => {
  await gcs.storage.createBucket('versioned', { versioning: { enabled: true } });
  const bucket = gcs.storage.bucket('versioned');
  const file = bucket.file('x');
  await file.save('one', { resumable: false });
  const first = Number((await file.getMetadata())[0].generation);
  await bucket.file('x').save('two', { resumable: false });
  await bucket.file('x').delete();
  expect(await refusal(bucket.file('x').download())).toBe(404);
  expect(String((await bucket.file('x', { generation: first }).download())[0])).toBe('one');
  expect((await bucket.getFiles())[0]).toHaveLength(0);
  expect((await bucket.getFiles({ versions: true }))[0]).toHaveLength(2);
  await bucket.file('x', { generation: first }).delete();
  expect((await bucket.getFiles({ versions: true }))[0]).toHaveLength(1);
});
