import {
  CopyObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  paginateListParts,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, expect, test } from 'vitest';
import { expectRefused, MEBIBYTE, noise, oneShot, S3Fixture, stalled } from '../../test/s3-fixture.ts';

const s3 = await S3Fixture.start();
afterAll(() => s3[Symbol.asyncDispose]());

const CRC32_OF_ONE = 'emyG8Q==';

const uploadsOf = async (Prefix: string): Promise<readonly (string | undefined)[]> => {
  const listed = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: s3.bucket, Prefix }));
  return (listed.Uploads ?? []).map(upload => upload.Key);
};

test('puts a stream of unknown length together from parts', async () => {
  const bytes = noise(64 * MEBIBYTE, 7);
  await new Upload({
    client: s3.client,
    params: {
      Bucket: s3.bucket,
      Key: 'stream',
      Body: oneShot(bytes),
      ContentType: 'x/y',
      Metadata: { a: 'b' },
    },
    partSize: 8 * MEBIBYTE,
  }).done();
  const got = await s3.get('stream');
  expect(got).toMatchObject({ ContentType: 'x/y', Metadata: { a: 'b' } });
  const stored = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
  expect(stored.equals(bytes)).toBe(true);
  // The MD5 of the parts' MD5s, and their number.
  expect(got.ETag).toMatch(/^"[0-9a-f]{32}-8"$/);
  const range = `bytes=${8 * MEBIBYTE - 8}-${8 * MEBIBYTE + 7}`;
  const across = await s3.bytes('stream', { Range: range });
  expect(across.equals(bytes.subarray(8 * MEBIBYTE - 8, 8 * MEBIBYTE + 8))).toBe(true);
});

test('takes a short stream of unknown length in one request', async () => {
  await new Upload({
    client: s3.client,
    params: { Bucket: s3.bucket, Key: 'short', Body: oneShot(noise(1000)) },
  }).done();
  expect((await s3.head('short')).ContentLength).toBe(1000);
});

test('takes parts in any order and lists them in theirs', async () => {
  const id = await s3.startUpload('order');
  const second = await s3.part('order', id, 2, Buffer.alloc(100, 'b'));
  const first = await s3.part('order', id, 1, Buffer.alloc(5 * MEBIBYTE, 'a'));
  const listed = await s3.client.send(
    new ListPartsCommand({ Bucket: s3.bucket, Key: 'order', UploadId: id }),
  );
  expect(listed.Parts?.map(part => [part.PartNumber, part.Size])).toEqual([
    [1, 5 * MEBIBYTE],
    [2, 100],
  ]);
  await s3.completeUpload('order', id, [first, second]);
  expect((await s3.head('order')).ContentLength).toBe(5 * MEBIBYTE + 100);
  expect(await s3.text('order', { Range: `bytes=${5 * MEBIBYTE - 1}-${5 * MEBIBYTE}` })).toBe('ab');
  expect((await s3.get('order', { PartNumber: 2 })).ContentLength).toBe(100);
});

test('pages through parts', async () => {
  const id = await s3.startUpload('paged');
  for (let number = 1; number <= 5; number++) await s3.part('paged', id, number, 'x');
  const numbers: (number | undefined)[] = [];
  const input = { Bucket: s3.bucket, Key: 'paged', UploadId: id, MaxParts: 2 };
  for await (const page of paginateListParts({ client: s3.client }, input))
    numbers.push(...(page.Parts ?? []).map(part => part.PartNumber));
  expect(numbers).toEqual([1, 2, 3, 4, 5]);
});

test('pages through uploads, several of one key among them', async () => {
  for (const key of ['pages/a', 'pages/a', 'pages/b', 'pages/c/1', 'pages/c/2']) await s3.startUpload(key);
  const found: (string | undefined)[] = [];
  let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  for (let isTruncated = true; isTruncated; ) {
    const page = await s3.client.send(
      new ListMultipartUploadsCommand({
        Bucket: s3.bucket,
        Prefix: 'pages/',
        Delimiter: '/',
        MaxUploads: 1,
        ...markers,
      }),
    );
    found.push(...(page.Uploads ?? []).map(upload => upload.Key));
    found.push(...(page.CommonPrefixes ?? []).map(prefix => prefix.Prefix));
    isTruncated = page.IsTruncated === true;
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
  expect(found).toEqual(['pages/a', 'pages/a', 'pages/b', 'pages/c/']);
});

test('shows no object before the upload is complete', async () => {
  const id = await s3.startUpload('hidden');
  await s3.part('hidden', id, 1, 'x');
  await expectRefused(s3.head('hidden'), 404);
  await s3.abortUpload('hidden', id);
});

test('refuses a part that was not uploaded like that', async () => {
  const id = await s3.startUpload('wrong');
  await s3.part('wrong', id, 1, 'x');
  const ETag = '"00000000000000000000000000000000"';
  await expectRefused(s3.completeUpload('wrong', id, [{ PartNumber: 1, ETag }]), 400, 'InvalidPart');
});

test('refuses parts that are not in order', async () => {
  const id = await s3.startUpload('wrong');
  const parts = [await s3.part('wrong', id, 2, 'x'), await s3.part('wrong', id, 1, 'x')];
  await expectRefused(s3.completeUpload('wrong', id, parts), 400, 'InvalidPartOrder');
});

test('refuses part numbers beyond 10,000', async () => {
  const id = await s3.startUpload('wrong');
  await s3.part('wrong', id, 10_000, 'x');
  await expectRefused(s3.part('wrong', id, 10_001, 'x'), 400, 'InvalidArgument');
});

test('refuses any part but the last below 5 MiB', async () => {
  const id = await s3.startUpload('tiny');
  const parts = [await s3.part('tiny', id, 1, 'x'), await s3.part('tiny', id, 2, 'x')];
  await expectRefused(s3.completeUpload('tiny', id, parts), 400, 'EntityTooSmall');
});

test('lets a test lower the smallest part', async () => {
  await using lowered = await S3Fixture.start({ limits: { minimumPartBytes: 1 } });
  const id = await lowered.startUpload('tiny');
  const parts = [await lowered.part('tiny', id, 1, 'a'), await lowered.part('tiny', id, 2, 'b')];
  await lowered.completeUpload('tiny', id, parts);
  expect(await lowered.text('tiny')).toBe('ab');
});

test('knows no upload that was aborted', async () => {
  const id = await s3.startUpload('ended');
  const part = await s3.part('ended', id, 1, 'x');
  expect(await uploadsOf('ended')).toEqual(['ended']);
  await s3.abortUpload('ended', id);
  expect(await uploadsOf('ended')).toEqual([]);
  await expectRefused(s3.part('ended', id, 1, 'x'), 404, 'NoSuchUpload');
  await expectRefused(s3.completeUpload('ended', id, [part]), 404, 'NoSuchUpload');
  await expectRefused(s3.abortUpload('ended', id), 404, 'NoSuchUpload');
});

test('keeps no part that arrives after its upload was aborted', async () => {
  const id = await s3.startUpload('late');
  const body = stalled(noise(65536));
  const late = s3.part('late', id, 1, body, { ContentLength: 65537 });
  const refused = expectRefused(late, 404, 'NoSuchUpload');
  await body.reached;
  await s3.abortUpload('late', id);
  body.finish(Buffer.from('x'));
  await refused;
  expect(await uploadsOf('late')).toEqual([]);
});

test('leaves nothing of an upload that its client aborts', async () => {
  const body = stalled(noise(11 * MEBIBYTE));
  const upload = new Upload({
    client: s3.client,
    params: { Bucket: s3.bucket, Key: 'given-up', Body: body },
    partSize: 5 * MEBIBYTE,
    queueSize: 1,
  });
  const done = expect(upload.done()).rejects.toThrow();
  await body.reached;
  await upload.abort();
  await done;
  await expectRefused(s3.head('given-up'), 404);
  await expect.poll(() => uploadsOf('given-up')).toEqual([]);
});

test('copies a range of an object as a part', async () => {
  await s3.put('whole', Buffer.alloc(6 * MEBIBYTE, 'q'));
  const id = await s3.startUpload('piece');
  const copied = await s3.client.send(
    new UploadPartCopyCommand({
      Bucket: s3.bucket,
      Key: 'piece',
      UploadId: id,
      PartNumber: 1,
      CopySource: `${s3.bucket}/whole`,
      CopySourceRange: `bytes=0-${5 * MEBIBYTE - 1}`,
    }),
  );
  await s3.completeUpload('piece', id, [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }]);
  expect((await s3.head('piece')).ContentLength).toBe(5 * MEBIBYTE);
});

test('refuses to copy a range that the source does not have', async () => {
  await s3.put('few', 'abc');
  const id = await s3.startUpload('piece');
  const copied = s3.client.send(
    new UploadPartCopyCommand({
      Bucket: s3.bucket,
      Key: 'piece',
      UploadId: id,
      PartNumber: 1,
      CopySource: `${s3.bucket}/few`,
      CopySourceRange: 'bytes=0-3',
    }),
  );
  await expectRefused(copied, 400, 'InvalidArgument');
});

test.each([
  ['CRC32', 'COMPOSITE', /-2$/],
  ['SHA256', 'COMPOSITE', /-2$/],
  ['CRC64NVME', 'FULL_OBJECT', /=$/],
  ['CRC32C', 'FULL_OBJECT', /=$/],
] as const)('keeps the %s checksum of parts as %s', async (algorithm, type, form) => {
  const rest = { ChecksumAlgorithm: algorithm };
  const id = await s3.startUpload('sums', { ...rest, ChecksumType: type });
  const parts = [
    await s3.part('sums', id, 1, noise(5 * MEBIBYTE), rest),
    await s3.part('sums', id, 2, noise(1000, 2), rest),
  ];
  const completed = await s3.completeUpload('sums', id, parts);
  expect(completed[`Checksum${algorithm}`]).toMatch(form);
  const head = await s3.head('sums', { ChecksumMode: 'ENABLED' });
  expect(head).toMatchObject({
    ChecksumType: type,
    [`Checksum${algorithm}`]: completed[`Checksum${algorithm}`],
  });
  if (type === 'COMPOSITE') return;
  // Put together from those of the parts, it is that of the whole.
  await s3.put('sums-whole', await s3.bytes('sums'), rest);
  const whole = await s3.head('sums-whole', { ChecksumMode: 'ENABLED' });
  expect(whole[`Checksum${algorithm}`]).toBe(completed[`Checksum${algorithm}`]);
});

test('wants the checksum of each part where the upload was created with one', async () => {
  const id = await s3.startUpload('sums', { ChecksumAlgorithm: 'SHA256' });
  const { PartNumber, ETag } = await s3.part('sums', id, 1, 'x', { ChecksumAlgorithm: 'SHA256' });
  await expectRefused(s3.completeUpload('sums', id, [{ PartNumber, ETag }]), 400, 'InvalidRequest');
});

test('takes no part without the checksum that the upload was created with, with another, or of other bytes', async () => {
  const id = await s3.startUpload('sums', { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
  const plain = s3.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  const part = { Bucket: s3.bucket, Key: 'sums', UploadId: id, PartNumber: 1, Body: 'one' };
  await expectRefused(plain.send(new UploadPartCommand(part)), 400, 'InvalidRequest');
  plain.destroy();
  await expectRefused(s3.part('sums', id, 1, 'one', { ChecksumAlgorithm: 'SHA256' }), 400, 'InvalidRequest');
  await expectRefused(s3.part('sums', id, 1, 'one', { ChecksumCRC32: 'AAAAAA==' }), 400, 'BadDigest');
  const { Parts = [] } = await s3.client.send(
    new ListPartsCommand({ Bucket: s3.bucket, Key: 'sums', UploadId: id }),
  );
  expect(Parts).toEqual([]);
  const { PartNumber, ETag } = await s3.part('sums', id, 1, 'one', { ChecksumAlgorithm: 'CRC32' });
  const completing = (ChecksumCRC32: string): Promise<unknown> =>
    s3.completeUpload('sums', id, [{ PartNumber, ETag }], { ChecksumCRC32 });
  await expectRefused(completing('AAAAAA=='), 400, 'BadDigest');
  await completing(CRC32_OF_ONE);
  const head = await s3.head('sums', { ChecksumMode: 'ENABLED' });
  expect(head).toMatchObject({ ChecksumCRC32: CRC32_OF_ONE, ChecksumType: 'FULL_OBJECT' });
});

test('reads on from an object that is replaced by its own copy', async () => {
  await s3.put('moving', noise(8 * MEBIBYTE));
  const got = await s3.get('moving');
  await s3.client.send(
    new CopyObjectCommand({
      Bucket: s3.bucket,
      Key: 'moving',
      CopySource: `${s3.bucket}/moving`,
      MetadataDirective: 'REPLACE',
    }),
  );
  await s3.remove('moving');
  const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
  expect(bytes.equals(noise(8 * MEBIBYTE))).toBe(true);
});
