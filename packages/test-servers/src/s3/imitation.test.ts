import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { expectRefused, S3Fixture } from '../../test/s3-fixture.ts';
import { type ConditionalWrite, EVERY_WRITE, type S3Imitation } from './imitation.ts';

const WRONG = '"00000000000000000000000000000000"';

/** Every conditional write, on a condition that does not hold; those that happen all the same. */
async function ignored(imitates: S3Imitation): Promise<ConditionalWrite[]> {
  await using s3 = await S3Fixture.start({ imitates });
  const { client, bucket: Bucket } = s3;
  await s3.put('a', 'one');
  const upload = await s3.startUpload('a');
  const part = await s3.part('a', upload, 1, 'part');
  const Key = 'a';
  const writes: Readonly<Record<ConditionalWrite, () => Promise<unknown>>> = {
    put: () => s3.put('a', 'two', { IfNoneMatch: '*' }),
    complete: () => s3.completeUpload('a', upload, [part], { IfMatch: WRONG }),
    copy: () =>
      client.send(
        new CopyObjectCommand({
          Bucket,
          Key,
          CopySource: `${Bucket}/a`,
          MetadataDirective: 'REPLACE',
          IfNoneMatch: '*',
        }),
      ),
    delete: () => s3.remove('a', { IfMatch: WRONG }),
  };
  const happened: ConditionalWrite[] = [];
  for (const write of EVERY_WRITE)
    await writes[write]().then(
      () => happened.push(write),
      (error: { readonly $metadata?: { readonly httpStatusCode?: number } }) =>
        expect(error.$metadata?.httpStatusCode).toBe(412),
    );
  return happened;
}

test.each<ConditionalWrite[][]>([[[]], [['copy']], [['complete']], [['put']], [[...EVERY_WRITE]]])(
  'of conditions, exactly %j are ignored',
  async ignoresConditions => {
    expect(await ignored({ ignoresConditions })).toEqual(ignoresConditions);
  },
);

test('an etag is known without its quotes only', async () => {
  await using s3 = await S3Fixture.start({ imitates: { knowsBareEtagsOnly: true } });
  const { ETag = '' } = await s3.put('a', 'one');
  await expectRefused(s3.put('a', 'two', { IfMatch: ETag }), 412);
  await s3.put('a', 'two', { IfMatch: ETag.replaceAll('"', '') });
});

test('checksums are refused, in headers of every kind', async () => {
  await using s3 = await S3Fixture.start({ imitates: { refusesChecksums: true } });
  const plain = s3.newClient({
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  await plain.send(new PutObjectCommand({ Bucket: s3.bucket, Key: 'a', Body: 'one' }));
  await expectRefused(s3.put('a', 'one', { ChecksumAlgorithm: 'CRC32' }), 501, 'NotImplemented');
  await expectRefused(s3.get('a', { ChecksumMode: 'ENABLED' }), 501, 'NotImplemented');
  plain.destroy();
});

test('a bulk delete needs Content-MD5, an upload cannot be aborted', async () => {
  await using s3 = await S3Fixture.start({ imitates: { requiresContentMd5: true, refusesAborts: true } });
  const Delete = { Objects: [{ Key: 'a' }] };
  await expectRefused(
    s3.client.send(new DeleteObjectsCommand({ Bucket: s3.bucket, Delete })),
    400,
    'InvalidRequest',
  );
  const UploadId = await s3.startUpload('a');
  const abort = new AbortMultipartUploadCommand({ Bucket: s3.bucket, Key: 'a', UploadId });
  await expectRefused(s3.client.send(abort), 405);
});

test('a web page answers everything', async () => {
  await using s3 = await S3Fixture.start({ imitates: { answersPages: true } });
  expect((await s3.put('a', 'one')).ETag).toBe(undefined);
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
    const answer = await fetch(`${s3.server.endpoint}/${s3.bucket}/a`, { method });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    await answer.arrayBuffer();
  }
});

test('a listing goes on and on, its keys as they are', async () => {
  await using s3 = await S3Fixture.start({ imitates: { repeatsTokens: true, listsRawKeys: true } });
  for (const key of ['a b', 'b%', 'c']) await s3.put(key, 'one');
  const page = (ContinuationToken?: string) =>
    s3.client.send(
      new ListObjectsV2Command({ Bucket: s3.bucket, MaxKeys: 1, EncodingType: 'url', ContinuationToken }),
    );
  const first = await page();
  expect(first.Contents?.map(({ Key }) => Key)).toEqual(['a b']);
  const second = await page(first.NextContinuationToken);
  expect(second.Contents?.map(({ Key }) => Key)).toEqual(['b%']);
  expect(second.NextContinuationToken).toBe(first.NextContinuationToken);
});

test('a request for another region is sent to this one', async () => {
  await using s3 = await S3Fixture.start({ region: 'eu-central-1', imitates: { redirectsRegions: true } });
  const astray = s3.newClient({ region: 'us-east-1' });
  const put = () => new PutObjectCommand({ Bucket: s3.bucket, Key: 'a', Body: 'one' });
  await expectRefused(astray.send(put()), 301, 'PermanentRedirect');
  const following = s3.newClient({ region: 'us-east-1', followRegionRedirects: true });
  await following.send(put());
  expect(await s3.text('a')).toBe('one');
  for (const client of [astray, following]) client.destroy();
});
