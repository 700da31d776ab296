import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import {
  type Backend,
  canGivePaths,
  canPublishUrls,
  canSignUploads,
  canSignUrls,
  type HasLocalPath,
  type PublishesUrls,
  type SignsUploads,
  type SignsUrls,
  type Storage,
  withPrefix,
} from '@fieldfile/storage';
import { patternBytes } from '../content/pattern.ts';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';
import { signsUploads } from './send-upload.ts';

const ODD_NAME = 'folder/größe 100% a+b#c?d&e.txt';
/** A URL may lack its origin; whoever shows it has one. */
const ORIGIN = 'http://localhost/';

/** S9: addresses of objects, for those who can give them. */
export const urls: readonly StorageBehaviour[] = [
  {
    id: 'S9.public-url',
    title: 'gives a public URL that is escaped and leads to the name',
    async run({ storage }) {
      const publishing = publishesUrls(storage);
      await publishing.save(ODD_NAME, 'one');
      const url = new URL(publishing.publicUrl(ODD_NAME), ORIGIN);
      assert.ok(
        decodeURIComponent(url.pathname).endsWith(`/${ODD_NAME}`),
        `${url} does not lead to ${ODD_NAME}`,
      );
      assert.equal(url.hash, '');
    },
  },
  {
    id: 'S9.public-url-stays',
    title: 'gives no public URL that leads out',
    async run({ storage }) {
      const publishing = publishesUrls(storage);
      for (const name of ['../a.txt', '/a.txt', '//evil.example/a.txt', 'a/../../b.txt'])
        await rejectsWith(
          'suspicious-name',
          async () => publishing.publicUrl(name),
          `publicUrl(${JSON.stringify(name)})`,
        );
    },
  },
  {
    id: 'S9.signed-url',
    title: 'signs a URL that is escaped and leads to the name',
    async run({ storage }) {
      const signing = signsUrls(storage);
      await signing.save(ODD_NAME, 'one');
      const url = new URL(await signing.signedUrl(ODD_NAME, { expiresInSeconds: 60 }), ORIGIN);
      assert.equal(url.hash, '');
      assert.notEqual(
        await signing.signedUrl('a.txt', { expiresInSeconds: 60 }),
        await signing.signedUrl('b.txt', { expiresInSeconds: 60 }),
      );
    },
  },
  {
    id: 'S9.signed-url-expiry',
    title: 'refuses to sign for less than a second, or for no whole number of seconds',
    async run({ storage }) {
      const signing = signsUrls(storage);
      for (const expiresInSeconds of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
        await rejectsWith('invalid-argument', () => signing.signedUrl('a.txt', { expiresInSeconds }));
      await rejectsWith('suspicious-name', () => signing.signedUrl('../a.txt', { expiresInSeconds: 60 }));
    },
  },
  {
    id: 'S9.signed-url-serves',
    title: 'serves the object at its signed URL, with the type and file name asked for, and at no forged one',
    async run(context) {
      const signing = signsUrls(context.storage);
      const fetch = context.offered('fetch');
      const bytes = patternBytes(1, 10_000);
      await signing.save(ODD_NAME, bytes);
      const url = await signing.signedUrl(ODD_NAME, {
        expiresInSeconds: 60,
        download: 'größe.txt',
        contentType: 'text/plain',
      });
      const served = await fetch(new Request(new URL(url, ORIGIN)));
      assert.equal(served.status, 200);
      sameBytes(new Uint8Array(await served.arrayBuffer()), bytes);
      assert.match(served.headers.get('content-type') ?? '', /^text\/plain/);
      assert.match(served.headers.get('content-disposition') ?? '', /^attachment/);
      const other = await signing.signedUrl('other.txt', { expiresInSeconds: 60 });
      const forged = new URL(url, ORIGIN);
      forged.search = new URL(other, ORIGIN).search;
      const refused = await fetch(new Request(forged));
      await refused.body?.cancel();
      assert.ok([400, 403, 404].includes(refused.status), `a forged URL was answered ${refused.status}`);
    },
  },
  {
    id: 'S9.signed-upload',
    title: 'accepts an upload as signed, says what is enforced, and enforces it',
    async run(context) {
      const signing = signsUploads(context.storage);
      const fetch = context.offered('fetch');
      const bytes = patternBytes(1, 1000);
      const options = { expiresInSeconds: 60, exactBytes: bytes.byteLength, contentType: 'image/png' };
      const upload = await signing.signedUpload('folder/a.png', options);
      const send = async (body: Uint8Array<ArrayBuffer>): Promise<number> => {
        const { method, headers, fields } = upload;
        const form = new FormData();
        for (const [field, value] of Object.entries(fields ?? {})) form.set(field, value);
        form.set('file', new Blob([body]));
        const request = new Request(new URL(upload.url, ORIGIN), {
          method,
          headers,
          body: method === 'POST' ? form : body,
        });
        const response = await fetch(request);
        await response.body?.cancel();
        return response.status;
      };
      if (upload.enforced.has('exact-length') || upload.enforced.has('max-length')) {
        const status = await send(patternBytes(2, 2000));
        assert.ok(status >= 400, `an upload that is too long was answered ${status}`);
        assert.equal(await context.storage.exists('folder/a.png'), false);
      }
      const status = await send(bytes);
      assert.ok(status >= 200 && status < 300, `the upload was answered ${status}`);
      sameBytes(await context.read('folder/a.png'), bytes);
      if (upload.enforced.has('no-overwrite')) {
        const again = await send(patternBytes(3, 1000));
        assert.ok(again >= 400, `an upload that would overwrite was answered ${again}`);
        sameBytes(await context.read('folder/a.png'), bytes);
      }
    },
  },
  {
    id: 'S9.url',
    title: 'gives a URL with one call, at which the object is read, or says that it has none',
    async run(context) {
      const { storage } = context;
      const bytes = patternBytes(1, 10_000);
      await storage.save(ODD_NAME, bytes);
      if (!canPublishUrls(storage) && !canSignUrls(storage)) {
        await rejectsWith('unsupported', () => storage.url(ODD_NAME));
        return;
      }
      await rejectsWith('suspicious-name', () => storage.url('../a.txt'));
      const fetch = context.offered('fetch');
      for (const options of [{}, { expiresInSeconds: 60 }, { download: 'größe.txt' }]) {
        const served = await fetch(new Request(new URL(await storage.url(ODD_NAME, options), ORIGIN)));
        assert.equal(served.status, 200, `url(${JSON.stringify(options)}) was answered ${served.status}`);
        sameBytes(new Uint8Array(await served.arrayBuffer()), bytes);
      }
    },
  },
  {
    id: 'S9.url-kind',
    title: 'gives the URLs that it is told to give, through wrappers, and refuses to be told what it cannot',
    async run(context) {
      const { storage } = context;
      await storage.save('a.txt', 'one');
      const soon = { expiresInSeconds: 60 };
      const told = (urls: 'public' | 'signed') => async (): Promise<Storage> =>
        context.around(withPrefix(context.backend, 'part'), { urls });
      if (canPublishUrls(storage)) {
        const open = await told('public')();
        assert.ok(canPublishUrls(open), 'it publishes URLs, and not below a prefix');
        assert.equal(await open.url('a.txt'), open.publicUrl('a.txt'));
        assert.equal(await open.url('a.txt', soon), open.publicUrl('a.txt'));
      } else await rejectsWith('invalid-argument', told('public'));
      if (canSignUrls(storage)) {
        const closed = await told('signed')();
        assert.ok(canSignUrls(closed), 'it signs URLs, and not below a prefix');
        const [given, signed] = await Promise.all([
          closed.url('a.txt', soon),
          closed.signedUrl('a.txt', soon),
        ]);
        assert.deepEqual(parametersOf(given), parametersOf(signed));
      } else await rejectsWith('invalid-argument', told('signed'));
    },
  },
  {
    id: 'S9.guards',
    title: 'says what this very storage can do, and does it',
    async run({ storage }) {
      await storage.save('a.txt', 'one');
      const soon = { expiresInSeconds: 60 };
      const everything = storage as Storage<Backend & PublishesUrls & SignsUrls & SignsUploads>;
      const calls: readonly (readonly [boolean, () => Promise<unknown>])[] = [
        [canPublishUrls(storage), async () => everything.publicUrl('a.txt')],
        [canSignUrls(storage), () => everything.signedUrl('a.txt', soon)],
        [canSignUploads(storage), () => everything.signedUpload('b.txt', soon)],
      ];
      for (const [can, call] of calls)
        if (can) await call();
        else await rejectsWith('unsupported', call);
    },
  },
  {
    id: 'S9.path',
    title: 'gives the path of the file that holds the object, and none that leads out',
    async run(context) {
      const local = givesPaths(context.storage);
      await local.save(ODD_NAME, 'one');
      assert.equal(await readFile(local.path(ODD_NAME), 'utf8'), 'one');
      await rejectsWith('suspicious-name', async () => local.path('../a.txt'));
    },
  },
];

/** What signs a URL, less what differs by the second. */
const parametersOf = (url: string): readonly string[] => [...new URL(url, ORIGIN).searchParams.keys()].sort();

function publishesUrls(storage: Storage): Storage<Backend & PublishesUrls> {
  if (!canPublishUrls(storage)) throw new Skip('publishes no URLs');
  return storage;
}

function signsUrls(storage: Storage): Storage<Backend & SignsUrls> {
  if (!canSignUrls(storage)) throw new Skip('signs no URLs');
  return storage;
}

function givesPaths(storage: Storage): Storage<Backend & HasLocalPath> {
  if (!canGivePaths(storage)) throw new Skip('objects have no local path');
  return storage;
}
