import { GetObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { isObjectName } from '@fieldfile/storage/backend';
import { startS3Server } from '@fieldfile/test-servers/s3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import type { S3StorageOptions } from './options.ts';
import { S3Storage } from './storage.ts';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret/+key' };
const SESSION = { ...KEYS, sessionToken: 'a/session+token==' };
const NAME = "folder/größe !'()*~ 100% a+b#c?d&e=[x].txt";

const clients: S3Client[] = [];
const made = (config: S3ClientConfig): S3Client => {
  const client = new S3Client({ region: 'eu-central-1', credentials: KEYS, ...config });
  clients.push(client);
  return client;
};
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

const signedBySdk = (client: S3Client, Bucket: string, Key: string, more: object = {}): Promise<string> => {
  // As the storage signs: nothing of a body's checksum.
  const command = new GetObjectCommand({ Bucket, Key, ...more });
  command.middlewareStack.add(
    next => args => {
      delete (args.request as { headers: Record<string, string> }).headers['x-amz-checksum-mode'];
      return next(args);
    },
    { step: 'build', priority: 'low' },
  );
  return getSignedUrl(client, command, { expiresIn: 3600 });
};

describe('a signed URL is the SDK’s own', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-01T12:34:56.789Z') }));
  afterEach(() => void vi.useRealTimers());

  test.each<[string, S3ClientConfig, string]>([
    ['virtual', {}, 'media'],
    ['path', { forcePathStyle: true }, 'media'],
    ['a bucket with dots', {}, 'me.dia.example'],
    ['a session', { credentials: SESSION }, 'media'],
    ['another service', { endpoint: 'http://127.0.0.1:9000', forcePathStyle: true }, 'media'],
    ['another service below a path', { endpoint: 'https://s3.example.com/store/' }, 'media'],
    ['a default port', { endpoint: 'https://s3.example.com:443', forcePathStyle: true }, 'media'],
    ['China', { region: 'cn-north-1' }, 'media'],
    ['dualstack', { useDualstackEndpoint: true }, 'media'],
    ['FIPS', { region: 'us-east-1', useFipsEndpoint: true }, 'media'],
    ['acceleration', { useAccelerateEndpoint: true }, 'media'],
    ['us-east-1 alone', { region: 'us-east-1' }, 'media'],
    [
      'an access point of another region',
      { useArnRegion: true },
      'arn:aws:s3:eu-west-1:123456789012:accesspoint:ap',
    ],
    ['checksums', { requestChecksumCalculation: 'WHEN_SUPPORTED' }, 'media'],
  ])('%s', async (_, config, bucketName) => {
    const storage = new S3Storage({ bucketName, client: made(config), id: 'one' });
    const url = await storage.signedUrl(NAME, { expiresInSeconds: 3600 });
    expect(url).toBe(await signedBySdk(made(config), bucketName, NAME));
  });

  test('with every header that may be asked for', async () => {
    const storage = new S3Storage({ bucketName: 'media', client: made({}), id: 'one' });
    const url = await storage.signedUrl(NAME, {
      expiresInSeconds: 3600,
      disposition: 'inline',
      contentType: 'text/plain; charset=utf-8',
      cacheControl: 'no-cache',
      contentLanguage: 'de',
      contentEncoding: 'br',
    });
    const asked = {
      ResponseContentDisposition: 'inline',
      ResponseContentType: 'text/plain; charset=utf-8',
      ResponseCacheControl: 'no-cache',
      ResponseContentLanguage: 'de',
      ResponseContentEncoding: 'br',
    };
    expect(url).toBe(await signedBySdk(made({}), 'media', NAME, asked));
  });

  test('of the storage’s own client, and of any name', async () => {
    const options: S3StorageOptions = {
      bucketName: 'media',
      endpointUrl: 'http://127.0.0.1:9000',
      regionName: 'eu-central-1',
      accessKey: KEYS.accessKeyId,
      secretKey: KEYS.secretAccessKey,
    };
    await using storage = new S3Storage(options);
    const client = made({ endpoint: 'http://127.0.0.1:9000', forcePathStyle: true });
    const names = fc.stringMatching(/^[^/\\\p{C}.][^/\\\p{C}]{0,20}$/u);
    await fc.assert(
      fc.asyncProperty(fc.array(names, { minLength: 1, maxLength: 3 }), async segments => {
        const name = segments.join('/');
        fc.pre(isObjectName(name, storage.backend.limits)); // such as `A:/x` is refused before
        const url = await storage.signedUrl(name, { expiresInSeconds: 3600 });
        expect(url).toBe(await signedBySdk(client, 'media', name));
      }),
    );
  });

  test('when keys are changed, and on the next day', async () => {
    let credentials = KEYS;
    const storage = new S3Storage({
      bucketName: 'media',
      // Without an expiry the SDK would ask once.
      client: made({ credentials: async () => ({ ...credentials, expiration: new Date(0) }) }),
      id: 'one',
    });
    const same = async (): Promise<void> => {
      const url = await storage.signedUrl('a.txt', { expiresInSeconds: 3600 });
      expect(url).toBe(await signedBySdk(made({ credentials }), 'media', 'a.txt'));
    };
    await same();
    // The same id, with another secret; then others, a temporary one last; and back.
    const { accessKeyId } = KEYS;
    for (credentials of [
      { accessKeyId, secretAccessKey: 'another' },
      { accessKeyId: 'another', secretAccessKey: 'another' },
      SESSION,
      KEYS,
    ])
      for (const now of ['2026-03-01T23:59:59.999Z', '2026-03-02T00:00:00Z']) {
        vi.setSystemTime(new Date(now));
        await same();
      }
  });
});

describe('what only the SDK can sign', () => {
  test('a client’s own middleware is passed', async () => {
    const client = made({});
    client.middlewareStack.add(
      next => args => {
        const { request } = args as unknown as { request: { query: Record<string, string> } };
        request.query['x-tenant'] = '7';
        return next(args);
      },
      { step: 'build', name: 'tenant' },
    );
    const storage = new S3Storage({ bucketName: 'media', client, id: 'one' });
    const url = await storage.signedUrl('a.txt', { expiresInSeconds: 60 });
    expect(new URL(url).searchParams.get('x-tenant')).toBe('7');
  });

  test('without a region or credentials it says what is missing', async () => {
    for (const config of [
      { region: async () => Promise.reject(new Error('Region is missing')) },
      { credentials: async () => Promise.reject(new Error('no credentials')) },
    ]) {
      const storage = new S3Storage({ bucketName: 'media', client: made(config), id: 'one' });
      await expect(storage.signedUrl('a.txt', { expiresInSeconds: 60 })).rejects.toThrow(
        /region|credentials/i,
      );
    }
  });
});

test('a URL is good for what is at the name, below a location too', async () => {
  await using server = await startS3Server({ buckets: ['media'] });
  await using storage = new S3Storage(optionsFor(server, { location: 'some where' }));
  const name = await storage.save(NAME, 'content');
  const url = await storage.signedUrl(name, { expiresInSeconds: 60 });
  expect(await (await fetch(url)).text()).toBe('content');
  expect((await fetch(url.replace('some%20where', 'elsewhere'))).status).toBe(403);
});
