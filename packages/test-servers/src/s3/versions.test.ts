import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { expectRefused, S3Fixture } from '../../test/s3-fixture.ts';

const s3 = await S3Fixture.start();
afterAll(() => s3[Symbol.asyncDispose]());

let count = 0;
let Bucket = '';
beforeEach(async () => {
  count++;
  Bucket = `versioned-${count}`;
  await s3.client.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await s3.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
});

const put = (Body: string, rest = {}) =>
  s3.client.send(new PutObjectCommand({ Bucket, Key: 'key', Body, ...rest }));

const text = async (VersionId?: string): Promise<string | undefined> => {
  const got = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'key', VersionId }));
  return got.Body?.transformToString();
};

test('keeps every version', async () => {
  const first = await put('1');
  const second = await put('2');
  expect(first.VersionId).not.toBe(second.VersionId);
  expect([await text(), await text(first.VersionId)]).toEqual(['2', '1']);
  const listed = await s3.client.send(new ListObjectVersionsCommand({ Bucket }));
  expect(listed.Versions?.map(version => [version.VersionId, version.IsLatest])).toEqual([
    [second.VersionId, true],
    [first.VersionId, false],
  ]);
});

test('hides a deleted object behind a marker, which can be deleted too', async () => {
  await put('1');
  const deleted = await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
  expect(deleted.DeleteMarker).toBe(true);
  await expectRefused(text(), 404, 'NoSuchKey');
  await put('again', { IfNoneMatch: '*' });
  expect(await text()).toBe('again');
  await expectRefused(text(deleted.VersionId), 405, 'MethodNotAllowed');
  const { VersionId } = deleted;
  await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'key', VersionId }));
  await expectRefused(text(VersionId), 404, 'NoSuchVersion');
});

test('pages through the versions of one key', async () => {
  const written = [await put('1'), await put('2'), await put('3')].map(version => version.VersionId);
  const found: (string | undefined)[] = [];
  let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
  for (let isTruncated = true; isTruncated; ) {
    const input = { Bucket, MaxKeys: 1, ...markers };
    const page = await s3.client.send(new ListObjectVersionsCommand(input));
    found.push(...(page.Versions ?? []).map(version => version.VersionId));
    isTruncated = page.IsTruncated === true;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
  expect(found).toEqual(written.reverse());
});
