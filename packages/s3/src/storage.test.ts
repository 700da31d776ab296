import {
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Storage } from '@fieldfile/storage';
import { newWriteId, type ObjectName } from '@fieldfile/storage/backend';
import { type S3Server, startS3Server } from '@fieldfile/test-servers/s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import { S3Backend } from './backend.ts';
import { MARKER } from './marker.ts';
import { reservationMetadata } from './metadata.ts';
import { MEBIBYTE, type S3StorageOptions } from './options.ts';
import { RESERVATION_BYTES } from './reservation.ts';
import { S3Storage } from './storage.ts';

let server: S3Server;
let client: S3Client;
const opened: S3Storage[] = [];

beforeEach(async () => {
  server = await startS3Server({ buckets: ['media'] });
  client = new S3Client({
    endpoint: server.endpoint,
    region: server.region,
    credentials: server,
    forcePathStyle: true,
  });
});
afterEach(async () => {
  for (const storage of opened.splice(0)) await storage[Symbol.asyncDispose]();
  client.destroy();
  await server.close();
});

function open(options: Partial<S3StorageOptions> = {}): S3Storage {
  const storage = new S3Storage(optionsFor(server, options));
  opened.push(storage);
  return storage;
}

const head = (Key: string) =>
  client.send(new HeadObjectCommand({ Bucket: 'media', Key, ChecksumMode: 'ENABLED' }));

async function* oneShot(size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < size; start += 65_536) yield new Uint8Array(Math.min(65_536, size - start));
}

const SIZES = [1000, 2 * MEBIBYTE, 11 * MEBIBYTE];

describe('checksums', () => {
  test.each(SIZES)(
    'the service keeps the CRC32 of the whole of %i bytes, and verifying uses it',
    async size => {
      const storage = open({ checksums: 'when-supported' });
      for (const content of [new Uint8Array(size), oneShot(size)]) {
        const write = await storage.create('a.bin', content);
        expect(write.info.digest?.algorithm).toBe('crc32');
        expect((await storage.info(write.name)).digest).toEqual(write.info.digest);
        expect((await head(write.name)).ChecksumType).toBe('FULL_OBJECT');
        await using object = await storage.open(write.name, { verify: true });
        expect((await object.bytes()).byteLength).toBe(size);
      }
    },
  );

  test('none is sent to servers that may not know them', async () => {
    const storage = open();
    for (const size of SIZES) {
      const name = await storage.save('a.bin', oneShot(size));
      expect(await head(name)).not.toHaveProperty('ChecksumCRC32', expect.anything());
    }
  });
});

describe('object parameters', () => {
  test('are those of the storage, unless the write says otherwise', async () => {
    const storage = open({
      location: 'x',
      objectParameters: name => ({
        CacheControl: 'max-age=60',
        StorageClass: 'STANDARD_IA',
        ContentLanguage: name.endsWith('.de.txt') ? 'de' : undefined,
      }),
    });
    for (const content of ['one', oneShot(6 * MEBIBYTE)]) {
      const name = await storage.save('a.de.txt', content, {
        cacheControl: 'no-store',
        metadata: { by: 'é' },
      });
      expect(await head(`x/${name}`)).toMatchObject({
        CacheControl: 'no-store',
        StorageClass: 'STANDARD_IA',
        ContentLanguage: 'de',
        ContentType: 'text/plain',
      });
      expect((await storage.info(name)).metadata).toEqual({ by: 'é' });
    }
    expect(await head(`x/${await storage.save('b.txt', 'one')}`)).toMatchObject({
      CacheControl: 'max-age=60',
    });
  });

  test('a copy keeps those of the original', async () => {
    await open().save('a.txt', 'one', {
      cacheControl: 'max-age=1',
      contentDisposition: 'attachment',
      metadata: { Odd: 'key' },
    });
    const storage = open({ objectParameters: { CacheControl: 'max-age=60', StorageClass: 'STANDARD_IA' } });
    await storage.copy('a.txt', 'b.txt');
    expect(await head('b.txt')).toMatchObject({
      CacheControl: 'max-age=1',
      ContentDisposition: 'attachment',
      StorageClass: 'STANDARD_IA',
    });
    expect((await storage.info('b.txt')).metadata).toEqual({ Odd: 'key' });
  });
});

describe('beyond one request', () => {
  const small = { maxPutBytes: 2 * MEBIBYTE, maxCopyBytes: 6 * MEBIBYTE };

  test('known content goes up in parts', async () => {
    const storage = new Storage(new S3Backend(optionsFor(server), small));
    const bytes = Buffer.alloc(12 * MEBIBYTE, 'abc');
    for (const content of [bytes, new Blob([bytes])]) {
      const name = await storage.save('a.bin', content);
      expect((await head(name)).ETag).toMatch(/-3"$/);
      await using object = await storage.open(name);
      expect(Buffer.compare(await object.bytes(), bytes)).toBe(0);
    }
    await storage[Symbol.asyncDispose]();
  });

  test.each(['when-supported', 'when-required'] as const)('a copy is made in pieces, %s', async checksums => {
    const backend = new S3Backend(optionsFor(server, { checksums }), small);
    const storage = new Storage(backend);
    const bytes = Buffer.alloc(14 * MEBIBYTE, 'abc');
    await storage.save('a.bin', bytes, { contentType: 'image/png', metadata: { by: 'me' } });
    await storage.save('b.bin', 'taken');
    const { name, info } = await storage.createCopy('a.bin', 'b.bin');
    expect(name).toMatch(/^b_\w{7}\.bin$/);
    expect((await head(name)).ETag).toMatch(/-3"$/);
    const found = await storage.info(name);
    expect(found).toMatchObject({ contentType: 'image/png', metadata: { by: 'me' }, version: info.version });
    await using object = await storage.open(name, checksums === 'when-supported' ? { verify: true } : {});
    expect(Buffer.compare(await object.bytes(), bytes)).toBe(0);
    await backend.close();
  });
});

describe('a name that is held', () => {
  const writeId = newWriteId();

  beforeEach(async () => {
    await open().save('a.txt', 'one');
    await client.send(
      new PutObjectCommand({
        Bucket: 'media',
        Key: 'held.bin',
        Body: Buffer.alloc(RESERVATION_BYTES),
        Metadata: reservationMetadata(writeId),
      }),
    );
    await client.send(
      new PutObjectCommand({ Bucket: 'media', Key: 'just-as-large', Body: Buffer.alloc(RESERVATION_BYTES) }),
    );
  });

  test('is no object to anybody, but taken', async () => {
    const storage = open();
    expect(await storage.exists('held.bin')).toBe(false);
    await expect(storage.open('held.bin')).rejects.toMatchObject({ code: 'not-found' });
    await expect(storage.copy('held.bin', 'b.bin')).rejects.toMatchObject({ code: 'not-found' });
    expect(await storage.backend.remove('held.bin' as ObjectName)).toBe(false);
    expect(await Array.fromAsync(storage.list(), ({ name }) => name)).toEqual(['a.txt', 'just-as-large']);
    expect(await storage.save('held.bin', 'two')).toMatch(/^held_\w{7}\.bin$/);
  });

  test('is given back by undo after a crash, with the upload behind it and no other', async () => {
    const upload = async (Key: string): Promise<void> => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: 'media', Key }));
      await client.send(
        new UploadPartCommand({ Bucket: 'media', Key, UploadId, PartNumber: 1, Body: 'part' }),
      );
    };
    await upload('held.bin');
    await upload('held.bin.other');
    const storage = open();
    expect(await storage.backend.findWrite?.('held.bin' as ObjectName, writeId)).toBeUndefined();
    expect(await storage.undo('held.bin', newWriteId())).toBe('foreign');
    expect(await storage.undo('held.bin', writeId)).toBe('removed');
    expect(await storage.undo('held.bin', writeId)).toBe('absent');
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'media' }));
    expect(Uploads.map(({ Key }) => Key)).toEqual(['held.bin.other']);
  });
});

test('undo leaves an upload alone that this storage is sending under the name meanwhile', async () => {
  const writeId = newWriteId();
  await client.send(
    new PutObjectCommand({
      Bucket: 'media',
      Key: 'a.bin',
      Body: Buffer.alloc(RESERVATION_BYTES),
      Metadata: reservationMetadata(writeId),
    }),
  );
  const storage = open();
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  async function* content(): AsyncGenerator<Uint8Array> {
    yield* oneShot(11 * MEBIBYTE);
    reached.resolve();
    await goOn.promise;
    yield* oneShot(MEBIBYTE);
  }
  const replacing = storage.replace('a.bin', content());
  await reached.promise;
  const uploads = async () =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket: 'media' }))).Uploads ?? [];
  await expect.poll(uploads).toHaveLength(1);
  expect(await storage.undo('a.bin', writeId)).toBe('removed');
  expect(await uploads()).toHaveLength(1);
  goOn.resolve();
  expect(await replacing).toMatchObject({ sizeBytes: 12 * MEBIBYTE });
  expect(await storage.undo('a.bin', writeId)).toBe('foreign');
});

test('where versions are kept, undo removes its own for good', async () => {
  await client.send(
    new PutBucketVersioningCommand({ Bucket: 'media', VersioningConfiguration: { Status: 'Enabled' } }),
  );
  const storage = open();
  const { name, writeId } = await storage.create('a.txt', 'one');
  await storage.undo(name, writeId);
  const { Versions = [], DeleteMarkers = [] } = await client.send(
    new ListObjectVersionsCommand({ Bucket: 'media' }),
  );
  expect([Versions.map(({ Key }) => Key), DeleteMarkers]).toEqual([[MARKER], []]);
});

test('objects that have no name here are passed by', async () => {
  for (const Key of ['folder/', 'a//b', '../up', 'ok.txt', 'x+y z%.txt'])
    await client.send(new PutObjectCommand({ Bucket: 'media', Key, Body: 'x' }));
  const storage = open();
  expect(await Array.fromAsync(storage.list(), ({ name }) => name)).toEqual(['ok.txt', 'x+y z%.txt']);
});

test('more than a thousand are removed, and listed, in batches', async () => {
  const storage = open({ checksums: 'when-supported' });
  const names = Array.from({ length: 1001 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
  await Promise.all(names.map(name => storage.replace(name, 'x')));
  expect(await Array.fromAsync(storage.list('many/'), ({ name }) => name)).toEqual(names);
  expect((await storage.deleteMany(names)).size).toBe(0);
  expect(await Array.fromAsync(storage.list('many/'))).toEqual([]);
  expect((await open().deleteMany(['a', 'b'])).size).toBe(0);
});

describe('conditional writes', () => {
  test('a probe finds that all are kept, and leaves nothing', async () => {
    const storage = open();
    expect(await storage.probe()).toEqual({
      conditionalWrites: 'supported',
      put: true,
      putIfMatch: true,
      complete: true,
      copy: true,
      remove: true,
      failed: {},
    });
    expect(await Array.fromAsync(storage.list())).toEqual([]);
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket: 'media' }))).Uploads ?? []).toEqual(
      [],
    );
  });

  test('a probe finds what a server ignores', async () => {
    for (const [ignores, expected] of [
      [/Complete|Copy|Delete/, 'put-only'],
      [/./, 'unsupported'],
    ] as const) {
      const deaf = new S3Client({
        endpoint: server.endpoint,
        region: server.region,
        credentials: server,
        forcePathStyle: true,
      });
      deaf.middlewareStack.add(
        (next, { commandName = '' }) =>
          args => {
            const { headers } = (args as { readonly request: { headers: Record<string, string> } }).request;
            if (ignores.test(commandName))
              for (const name of ['if-match', 'if-none-match']) delete headers[name];
            return next(args);
          },
        { step: 'build', priority: 'low' },
      );
      const storage = new S3Storage({ bucketName: 'media', endpointUrl: server.endpoint, client: deaf });
      expect((await storage.probe()).conditionalWrites).toBe(expected);
      deaf.destroy();
    }
  });

  test('without them nothing is created at the risk of overwriting', async () => {
    const storage = open({ conditionalWrites: 'unsupported' });
    await expect(storage.save('a.txt', 'one')).rejects.toMatchObject({ code: 'unsupported' });
    await expect(storage.copy('a.txt', 'b.txt')).rejects.toMatchObject({ code: 'unsupported' });
    const { version } = await storage.replace('a.txt', 'one');
    await expect(storage.replace('a.txt', 'two', { ifMatch: version })).rejects.toMatchObject({
      code: 'unsupported',
    });
    await expect(storage.delete('a.txt', { ifMatch: version })).rejects.toMatchObject({
      code: 'unsupported',
    });
    await storage.delete('a.txt');
  });

  test('with those of PutObject alone, a stream cannot replace one version', async () => {
    const storage = open({ conditionalWrites: 'put-only' });
    await storage.save('a.bin', 'one');
    const { version } = await storage.info('a.bin');
    await expect(
      storage.replace('a.bin', oneShot(11 * MEBIBYTE), { ifMatch: version }),
    ).rejects.toMatchObject({ code: 'unsupported' });
    await storage.replace('a.bin', 'two', { ifMatch: version });
  });
});
