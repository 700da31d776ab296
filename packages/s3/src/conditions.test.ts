import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Outcome } from '@fieldfile/conformance';
import { runStorageContract } from '@fieldfile/conformance/storage';
import { FaultProxy, type SeenRequest } from '@fieldfile/test-servers/fault-proxy';
import { load } from '@fieldfile/test-servers/load';
import { Resources } from '@fieldfile/test-servers/resources';
import { EVERY_WRITE, type S3Imitation, type S3Server, startS3Server } from '@fieldfile/test-servers/s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import { ownPlace } from '../test/place.ts';
import { subject } from '../test/subject.ts';
import { MARKER } from './marker.ts';
import { MEBIBYTE, type S3StorageOptions } from './options.ts';
import { S3Storage } from './storage.ts';

const RIVALS = load({ test: 200, ci: 200, deep: 200 });

let stack: Resources;
let server: S3Server;
let proxy: FaultProxy;
let client: S3Client;
let seen: SeenRequest[];

beforeEach(() => {
  stack = new Resources();
  seen = [];
});
afterEach(() => stack.disposeAsync());

async function serve(imitates: S3Imitation = {}): Promise<void> {
  server = stack.use(await startS3Server({ buckets: ['media'], imitates }));
  proxy = stack.use(await FaultProxy.start(server.endpoint));
  proxy.plan = request => void seen.push(request);
  const { endpoint, region } = server;
  client = new S3Client({ endpoint, region, credentials: server, forcePathStyle: true });
  stack.defer(() => client.destroy());
}

const open = (options: Partial<S3StorageOptions> = {}): S3Storage =>
  stack.use(new S3Storage(optionsFor(server, { endpointUrl: proxy.endpoint, ...options })));

async function keys(): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'media' }));
  return Contents.map(({ Key = '' }) => Key);
}

const requests = (): string[] => seen.splice(0).map(({ method, path }) => `${method} ${path}`);

const MARKED = `PUT /media/${MARKER}`;

async function* stream(megabytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < megabytes; at++) yield new Uint8Array(MEBIBYTE).fill(at);
}

describe('on an endpoint of one’s own', () => {
  test('conditions are proved before the first create: by two requests ever, and one in every later process', async () => {
    await serve();
    await open().save('a.txt', 'one');
    expect(requests()).toEqual([MARKED, MARKED, 'PUT /media/a.txt']);
    const later = open();
    await Promise.all(['b.txt', 'c.txt', 'd.txt'].map(name => later.save(name, 'one')));
    expect(requests().filter(request => request === MARKED)).toEqual([MARKED]);
    await later.save('e.txt', 'one');
    expect(requests()).toEqual(['PUT /media/e.txt']);
  });

  test('nothing is proved to who only reads, replaces and deletes', async () => {
    await serve();
    const storage = open();
    await storage.replace('a.txt', 'one');
    await storage.info('a.txt');
    await Array.fromAsync(storage.list());
    await storage.delete('a.txt');
    await storage.deleteMany(['a.txt']);
    expect(requests().filter(request => request.includes(MARKER))).toEqual([]);
  });

  test('nothing is proved that is stated', async () => {
    await serve();
    const storage = open({ conditionalWrites: 'supported' });
    await storage.save('a.txt', 'one');
    const copy = await storage.copy('a.txt', 'b.txt');
    await storage.delete(copy, { ifMatch: (await storage.info(copy)).version });
    await storage.save('large.bin', stream(11));
    expect(requests().filter(request => request.includes(MARKER))).toEqual([]);
  });

  test('each further condition is proved once, when it is first needed', async () => {
    await serve();
    const storage = open();
    const proved = async (act: () => Promise<unknown>): Promise<number> => {
      seen.splice(0);
      await act();
      return requests().filter(request => request.includes(MARKER)).length;
    };
    const version = async (): Promise<{ ifMatch: never }> => ({
      ifMatch: (await storage.info('a.txt')).version as never,
    });
    await storage.save('a.txt', 'one');
    const acts = {
      replace: async () => storage.replace('a.txt', 'two', await version()),
      'a large stream': () => storage.save('large.bin', stream(11)),
      copy: () => storage.copy('a.txt', 'b.txt'),
      delete: async () => {
        await storage.replace('a.txt', 'three');
        await storage.delete('a.txt', await version());
      },
    };
    for (const [what, act] of Object.entries(acts)) {
      expect(await proved(act), what).toBeGreaterThan(0);
      if (what === 'delete') await storage.replace('a.txt', 'four');
      expect(await proved(act), what).toBe(0);
    }
  });

  test('the proof is below the location, and no object: not listed, found, taken or overwritten', async () => {
    await serve();
    const storage = open({ location: 'tenants/7' });
    await storage.save('a.txt', 'one');
    expect(await keys()).toEqual([`tenants/7/${MARKER}`, 'tenants/7/a.txt']);
    expect(await Array.fromAsync(storage.list(), ({ name }) => name)).toEqual(['a.txt']);
    expect(await storage.listdir()).toEqual({ folders: [], files: ['a.txt'] });
    for (const call of [
      () => storage.save(MARKER, 'x'),
      () => storage.replace(MARKER, 'x'),
      () => storage.delete(MARKER),
      () => storage.copy('a.txt', MARKER),
      () => storage.open(MARKER),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'suspicious-name' });
    const notDeleted = await storage.deleteMany([MARKER]);
    expect(notDeleted.get(MARKER)).toMatchObject({ code: 'suspicious-name' });
    // Of the whole bucket it is no object, either; another one may be called so.
    await client.send(new PutObjectCommand({ Bucket: 'media', Key: `other/${MARKER}`, Body: 'mine' }));
    await storage[Symbol.asyncDispose]();
    expect(await Array.fromAsync(open().list(), ({ name }) => name)).toEqual([
      `other/${MARKER}`,
      'tenants/7/a.txt',
    ]);
  });

  test('a proof that failed is made again', async () => {
    await serve();
    const storage = open({ retry: { attempts: 1 } });
    proxy.plan = () => ({ kind: 'status', status: 503, code: 'SlowDown' });
    await expect(storage.save('a.txt', 'one')).rejects.toMatchObject({ code: 'throttled', applied: false });
    proxy.heal();
    expect(await storage.save('a.txt', 'one')).toBe('a.txt');
  });

  test('an abort ends one save, and leaves the proof to the others', async () => {
    await serve();
    const storage = open({ timeoutSeconds: 5 });
    const controller = new AbortController();
    const held = Promise.withResolvers<void>();
    proxy.plan = () => {
      held.resolve();
      return { kind: 'trickle', pieceBytes: 4096, pauseMs: 300 };
    };
    const given = storage.save('a.txt', 'one', { signal: controller.signal });
    const other = storage.save('b.txt', 'two');
    await held.promise;
    controller.abort();
    await expect(given).rejects.toMatchObject({ code: 'aborted' });
    expect(await other).toBe('b.txt');
    expect(await keys()).toEqual([MARKER, 'b.txt']);
  });

  test('a refusal names the option', async () => {
    await serve();
    const { accessKeyId: accessKey, secretAccessKey: secretKey } = server.readOnlyCredentials;
    const storage = open({ accessKey, secretKey });
    await expect(storage.save('a.txt', 'one')).rejects.toMatchObject({
      code: 'permission',
      applied: false,
      message: expect.stringContaining('conditionalWrites'),
    });
  });
});

test('on Amazon’s own service nothing is proved, and a save is one request', async () => {
  await serve();
  const { hostname, port } = new URL(proxy.endpoint);
  const amazon = new S3Client({ region: 'us-east-1', credentials: server, forcePathStyle: true });
  const { requestHandler } = amazon.config;
  const handle = requestHandler.handle.bind(requestHandler);
  // Addressed and signed as ever; only the connection goes elsewhere.
  requestHandler.handle = (request, options) =>
    handle(Object.assign(request, { protocol: 'http:', hostname, port: Number(port) }), options);
  stack.defer(() => amazon.destroy());
  const storage = stack.use(new S3Storage({ bucketName: 'media', client: amazon }));
  await storage.save('a.txt', 'one');
  const { version: ifMatch } = await storage.replace('a.txt', 'two');
  await storage.copy('a.txt', 'b.txt', { ifMatch });
  await storage.delete('a.txt', { ifMatch });
  expect(requests()).toEqual([
    'PUT /media/a.txt',
    'PUT /media/a.txt',
    'HEAD /media/a.txt',
    'PUT /media/b.txt',
    'HEAD /media/a.txt',
    'DELETE /media/a.txt',
  ]);
  expect(await keys()).toEqual(['b.txt']);
});

describe('a server that ignores every condition', () => {
  beforeEach(() => serve({ ignoresConditions: EVERY_WRITE }));

  test(`overwrites nothing in ${RIVALS} racing saves: they are refused with the fix, and nothing is stored`, async () => {
    const storages = Array.from({ length: 10 }, () => open());
    const saves = await Promise.allSettled(
      Array.from({ length: RIVALS }, (_, rival) =>
        (storages[rival % storages.length] as S3Storage).save('same.txt', `content of ${rival}`),
      ),
    );
    for (const save of saves)
      expect(save).toMatchObject({
        status: 'rejected',
        reason: { code: 'unsupported', applied: false, message: expect.stringContaining('replace()') },
      });
    expect(await keys()).toEqual([]);
  });

  test('is asked once', async () => {
    const storage = open();
    await expect(storage.save('a.txt', 'one')).rejects.toMatchObject({ code: 'unsupported' });
    requests();
    await expect(storage.save('a.txt', 'one')).rejects.toMatchObject({ code: 'unsupported' });
    expect(requests()).toEqual([]);
  });

  test('refuses whatever hangs on a condition, and does the rest', async () => {
    const storage = open();
    const { version } = await storage.replace('a.txt', 'one');
    for (const call of [
      () => storage.save('b.txt', 'two'),
      () => storage.save('b.bin', stream(11)),
      () => storage.save('b.bin', stream(11), { sizeBytes: 11 * MEBIBYTE }),
      () => storage.copy('a.txt', 'b.txt'),
      () => storage.move('a.txt', 'b.txt'),
      () => storage.replace('a.txt', 'two', { ifMatch: version }),
      () => storage.replace('a.txt', stream(11), { ifMatch: version }),
      () => storage.delete('a.txt', { ifMatch: version }),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'unsupported' });
    expect(await keys()).toEqual(['a.txt']);
    await using opened = await storage.open('a.txt');
    expect(await opened.text()).toBe('one');
  });

  test('signs an upload that says it may overwrite', async () => {
    const upload = await open().signedUpload('a.txt', { expiresInSeconds: 60 });
    expect(upload.enforced.has('no-overwrite')).toBe(false);
    expect(upload.headers).toEqual({});
  });
});

test('the contract tells what is left where every condition is ignored, and ends', async () => {
  const report = await runStorageContract({
    name: 's3',
    lacks: {
      create: 'the server ignores conditions',
      'remove-if-match': 'the server ignores conditions',
      'replace-if-match': 'the server ignores conditions',
    },
    largeBytes: 6 * MEBIBYTE,
    concurrency: 5,
    abortedUploads: 5,
    create: async () =>
      subject(await ownPlace({ ignoresConditions: EVERY_WRITE }), { partSizeBytes: 5 * MEBIBYTE }),
  });
  const told = (outcome: Outcome): string[] =>
    report.behaviours.filter(one => one.outcome === outcome).map(({ id }) => id);
  expect(told('failed')).toEqual([]);
  expect(told('passed')).toEqual(
    expect.arrayContaining(['S1.no-create', 'S9.signed-upload', 'S10.open-missing']),
  );
});

describe('a server that ignores some conditions', () => {
  test.each([
    ['of copies', { ignoresConditions: ['copy'] }],
    ['of completions', { ignoresConditions: ['complete'] }],
    ['of deletions', { ignoresConditions: ['delete'] }],
    ['of all but PutObject', { ignoresConditions: ['complete', 'copy', 'delete'], knowsBareEtagsOnly: true }],
  ] as const)('%s, overwrites nothing all the same', async (_, imitates) => {
    await serve(imitates);
    const [one, two] = [open(), open()];
    await one.replace('from.bin', 'from');
    const names = await Promise.all(
      Array.from({ length: 6 }, (_unused, rival) => {
        const storage = rival % 2 ? one : two;
        if (rival < 2) return storage.copy('from.bin', 'same.bin');
        if (rival < 4) return storage.save('same.bin', stream(6));
        return storage.save('same.bin', stream(6), { sizeBytes: 6 * MEBIBYTE });
      }),
    );
    expect(new Set(names).size).toBe(6);
    for (const [rival, name] of names.entries())
      expect((await one.info(name)).sizeBytes).toBe(rival < 2 ? 4 : 6 * MEBIBYTE);
    expect((await Array.fromAsync(one.list())).length).toBe(7);
  });

  test('does what it can on a version, and refuses the rest', async () => {
    await serve({ ignoresConditions: ['complete', 'delete'] });
    const storage = open();
    const { version } = await storage.replace('a.txt', 'one');
    const next = await storage.replace('a.txt', 'two', { ifMatch: version });
    await expect(storage.replace('a.txt', 'three', { ifMatch: version })).rejects.toMatchObject({
      code: 'precondition',
    });
    const ifMatch = next.version;
    await expect(storage.replace('a.txt', stream(11), { ifMatch })).rejects.toMatchObject({
      code: 'unsupported',
    });
    await expect(storage.delete('a.txt', { ifMatch })).rejects.toMatchObject({ code: 'unsupported' });
    expect((await storage.info('a.txt')).version).toBe(ifMatch);
    expect(await keys()).toEqual([MARKER, 'a.txt']);
  });

  test('copies no other version than was asked for, though it would', async () => {
    await serve({ ignoresConditions: ['copy'] });
    const direct = open();
    const { version: ifMatch } = await direct.replace('a.txt', 'one');
    let isLate = false;
    client.middlewareStack.add(
      (next, { commandName }) =>
        async args => {
          if (isLate && commandName === 'CopyObjectCommand') await direct.replace('a.txt', 'two');
          return next(args);
        },
      { step: 'initialize' },
    );
    const storage = stack.use(new S3Storage({ bucketName: 'media', endpointUrl: server.endpoint, client }));
    await storage.copy('a.txt', 'b.txt', { ifMatch });
    isLate = true;
    await expect(storage.copy('a.txt', 'c.txt', { ifMatch })).rejects.toMatchObject({ code: 'precondition' });
    expect(await keys()).toEqual([MARKER, 'a.txt', 'b.txt']);
  });
});

test('a probe reports what fails instead of throwing', async () => {
  await serve({ refusesAborts: true, ignoresConditions: ['copy'], requiresContentMd5: true });
  const { failed, ...kept } = await open({ checksums: 'when-supported' }).probe();
  expect(kept).toEqual({
    conditionalWrites: 'put-only',
    put: true,
    putIfMatch: true,
    complete: true,
    copy: false,
    remove: true,
  });
  expect(Object.keys(failed)).toEqual(['abort of an upload']);
  expect(await keys()).toEqual([]);
});
