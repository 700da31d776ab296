import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileSystemStorage } from '@fieldfile/fs';
import { S3Storage } from '@fieldfile/s3';
import type { Storage } from '@fieldfile/storage';
import { load } from '@fieldfile/test-servers/load';
import { afterAll, expect, test } from 'vitest';
import { tokenOf } from './tus-client.ts';
import { tusSite, tusWorld } from './tus-world.ts';

const UPLOADS = load({ test: 10, ci: 16, deep: 64 });
/** Parts have 5 MiB. */
const MOST_BYTES = load({ test: 8, ci: 12, deep: 24 }) * 1024 ** 2;

const folder = mkdtempSync(join(tmpdir(), 'fieldfile-tus-many-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const storages: Readonly<Record<string, () => Promise<Storage>>> = {
  disk: async () => new FileSystemStorage({ root: join(folder, 'media') }),
  S3: async () => {
    const command = fileURLToPath(import.meta.resolve('@fieldfile/test-servers/s3-command'));
    const child = fork(command, ['--bucket', 'media', '--directory', folder], {
      execArgv: ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.push(child);
    const [{ endpoint: endpointUrl, accessKeyId: accessKey, secretAccessKey: secretKey }] = await once(
      child,
      'message',
    );
    return new S3Storage({
      bucketName: 'media',
      regionName: 'us-east-1',
      endpointUrl,
      accessKey,
      secretKey,
    });
  },
};

interface Asked {
  readonly method: string;
  readonly headers?: Record<string, string>;
  readonly bytes?: Buffer;
  /** The connection ends after so many bytes. */
  readonly cutAt?: number;
  /** Called in the midst of the body. */
  readonly within?: () => void;
}

/** One request on a connection of its own. @returns undefined where it broke. */
async function ask(
  url: string,
  { method, headers, bytes = Buffer.alloc(0), cutAt = bytes.byteLength, within }: Asked,
): Promise<IncomingMessage | undefined> {
  const sent = request(url, {
    method,
    agent: false,
    headers: { 'tus-resumable': '1.0.0', 'content-length': bytes.byteLength, ...headers },
  });
  const answered = once(sent, 'response').catch(() => undefined);
  let goOn = (): void => {};
  for (const event of ['drain', 'response', 'close']) sent.on(event, () => goOn());
  for (let at = 0; at < cutAt && !sent.destroyed; ) {
    const chunk = bytes.subarray(at, Math.min(cutAt, at + 1 + randomInt(200_000)));
    at += chunk.byteLength;
    const { promise, resolve } = Promise.withResolvers<void>();
    goOn = resolve;
    if (!sent.write(chunk)) await promise;
    if (randomInt(10) === 0) await new Promise(resolve => setTimeout(resolve, randomInt(20)));
    if (within && at > cutAt / 2) within();
  }
  if (cutAt < bytes.byteLength) sent.destroy();
  else sent.end();
  const found = (await answered)?.[0] as IncomingMessage | undefined;
  found?.resume();
  return found;
}

const checksum = (bytes: Buffer): string => `sha1 ${createHash('sha1').update(bytes).digest('base64')}`;

/** Sends a file in requests that are cut, checked, wrong, or taken over by others. @returns its token. */
async function upload(origin: string, bytes: Buffer): Promise<string> {
  const begun = await ask(`${origin}/uploads/`, {
    method: 'POST',
    headers: { 'upload-length': String(bytes.byteLength), 'upload-metadata': 'filename YS5iaW4=' },
  });
  const url = `${origin}${begun?.headers.location}`;
  for (let offset = 0; offset < bytes.byteLength; ) {
    const all = bytes.subarray(
      offset,
      randomInt(2) === 0 ? bytes.byteLength : offset + 1 + randomInt(8_000_000),
    );
    const patch = (headers: Record<string, string> = {}): Asked => ({
      method: 'PATCH',
      bytes: all,
      headers: {
        'upload-offset': String(offset),
        'content-type': 'application/offset+octet-stream',
        ...headers,
      },
    });
    const others: Promise<unknown>[] = [];
    const how = randomInt(6);
    if (how === 0) await ask(url, { ...patch(), cutAt: randomInt(all.byteLength) });
    else if (how === 1) await ask(url, patch({ 'upload-checksum': checksum(all) }));
    else if (how === 2) {
      const answer = await ask(url, patch({ 'upload-checksum': checksum(bytes.subarray(1)) }));
      expect(answer?.statusCode).toBe(460);
    } else if (how === 3) {
      // Another request asks for the offset in the midst of it, which stops this one.
      await ask(url, {
        ...patch(),
        within: () => void (others.length || others.push(ask(url, { method: 'HEAD' }))),
      });
    } else if (how === 4) await Promise.all([ask(url, patch()), ask(url, patch())]);
    else await ask(url, patch());
    await Promise.all(others);
    const head = await ask(url, { method: 'HEAD' });
    expect(head?.statusCode).toBe(200);
    offset = Number(head?.headers['upload-offset']);
  }
  return tokenOf(url);
}

test.each(Object.entries(storages))(
  'uploads at once that are cut, checked, refused and taken over have their own bytes: %s',
  { timeout: 600_000 },
  async (name, makeStorage) => {
    const world = tusWorld(await makeStorage(), join(folder, `journal-${name}`));
    await using site = await tusSite(world.handler());
    await Promise.all(
      Array.from({ length: UPLOADS }, async () => {
        const bytes = randomBytes(1 + randomInt(MOST_BYTES));
        const { file } = await world.keep(await upload(site.origin, bytes));
        await using opened = await world.field.storage.open(file ?? '');
        expect(Buffer.from(await opened.bytes()).equals(bytes)).toBe(true);
      }),
    );
  },
);
