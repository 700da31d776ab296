import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import {
  defineFiles,
  type FieldFile,
  type FileContent,
  file,
  isFieldFileError,
  model,
  type Storage,
  upload,
} from '@fieldfile/core';
import { fromPath } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { afterAll, describe, expect, test } from 'vitest';

interface UserRow {
  id: number;
  avatar: string | null;
  digest: string | null;
}

const folder = await mkdtemp(join(tmpdir(), 'fieldfile-refused-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const kept: object[] = [];

function fixture(options: object = {}, storage: Storage = new MemoryStorage()) {
  const users = defineFiles(model<UserRow>()('user', 'id'), { avatar: { storage, ...options } });
  const row: UserRow = { id: 1, avatar: null, digest: null };
  kept.push(row); // whose handle may be all that a test holds
  return { users, row, handle: users.avatar.of(row), storage };
}

const code = (error: unknown): unknown => (isFieldFileError(error) ? error.code : error);

describe('a file input that nobody touched', () => {
  const untouched = (): File => new File([], '', { type: 'application/octet-stream' });

  test.each([
    ['as it is', untouched],
    ['in file()', () => file(untouched())],
    ['in file() with a name', () => file(untouched(), 'avatar.png')],
    ['undefined', () => undefined as never],
  ])('leaves what was there when it is assigned: %s', async (_, input) => {
    const { users, row, handle } = fixture({ accept: ['image/*', '.txt'] });
    await handle.save('x', { name: 'a.txt' });
    users.avatar.set(row, input());
    expect(handle.pending).toBe(false);
    users.avatar.set(row, file('y', 'b.txt'));
    users.avatar.set(row, input());
    await upload(row);
    expect([handle.name, await handle.stored?.text()]).toEqual(['b.txt', 'y']);
  });

  test('is no file to an accessor and to a new row', async () => {
    class Photo {
      declare id: number;
      declare image: FieldFile<Photo>;
    }
    const storage = new MemoryStorage();
    const table = new MemoryTable<Photo>({ key: ['id'], files: ['image'] });
    defineFiles(Photo, { image: { storage } }, table.binding);
    const photo = Object.assign(new Photo(), { id: 1 });
    (photo as { image: unknown }).image = untouched();
    await table.insert(photo);
    expect([photo.image.name, photo.image.pending]).toEqual([null, false]);
  });

  test('cannot be saved: there is nothing to save', async () => {
    const { handle } = fixture();
    for (const options of [{}, { name: 'a.png' }]) {
      const error = await handle.save(untouched(), options).catch((thrown: unknown) => thrown);
      expect(isFieldFileError(error, 'no-file') && error.field).toBe('user.avatar');
    }
  });

  test('is not a file that is empty, or one without a name', async () => {
    const { handle } = fixture();
    await handle.save(new File([], 'empty.txt'));
    expect(await handle.stored?.text()).toBe('');
    expect(code(await handle.save(new File(['x'], '')).catch((error: unknown) => error))).toBe(
      'suspicious-name',
    );
  });
});

describe('a refused stream', () => {
  const path = join(folder, 'large.bin');
  const refusals: Record<string, [options: object, name?: string]> = {
    'for its type': [{ accept: ['image/*'] }],
    'for its content': [{ accept: ['image/*'] }, 'a.png'],
    'for its name': [{}, '..'],
    'for a name that is too long': [{ maxLength: 10 }, 'a.verylongextension'],
    'for its size': [{ maxSizeBytes: 100_000 }],
    'for the name that uploadTo made': [{ uploadTo: () => '../a.txt' }],
    'for its storage': [{ storage: 'nowhere' }],
  };

  for (const [why, [options, name = 'a.bin']] of Object.entries(refusals))
    test(`is destroyed, however it was given, when it is refused ${why}`, async () => {
      await writeFile(path, new Uint8Array(1_000_000));
      const { users, row, handle } = fixture(options);
      const before = await descriptorsOf(path);
      const streams: Readable[] = [];
      const stream = (): Readable => {
        const made = createReadStream(path);
        streams.push(made);
        return made;
      };
      for (let time = 0; time < 20; time++) {
        await expect(handle.save(stream(), { name })).rejects.toThrow();
        try {
          users.avatar.set(row, file(stream(), name));
          await upload(row);
          expect.unreachable();
        } catch (error) {
          expect(isFieldFileError(error)).toBe(true);
        }
      }
      await Promise.all(streams.map(closed));
      expect([streams.length, before, await descriptorsOf(path)]).toEqual([40, 0, 0]);
    });

  test('is destroyed by a storage, too', async () => {
    await writeFile(path, new Uint8Array(1_000_000));
    const storage = new MemoryStorage();
    const streams = Array.from({ length: 20 }, () => createReadStream(path));
    for (const stream of streams) await expect(storage.save('../a', stream)).rejects.toThrow();
    const replacing = createReadStream(path);
    await expect(storage.replace('a', replacing, { sizeBytes: -1 })).rejects.toThrow();
    await Promise.all([...streams, replacing].map(closed));
    expect(await descriptorsOf(path)).toBe(0);
  });

  test('is destroyed when another assignment takes its place', async () => {
    await writeFile(path, new Uint8Array(1_000_000));
    const { users, row } = fixture();
    const stream = createReadStream(path);
    users.avatar.set(row, file(stream, 'a.bin'));
    users.avatar.set(row, file('b', 'b.txt'));
    await closed(stream);
    await upload(row);
    expect(row.avatar).toBe('b.txt');
  });

  test('is cancelled or returned, where it is a web stream or a generator', async () => {
    const ends: string[] = [];
    const web = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        pull: controller => controller.enqueue(new Uint8Array(1000)),
        cancel: () => void ends.push('cancelled'),
      });
    async function* generator() {
      try {
        for (;;) yield new Uint8Array(1000);
      } finally {
        ends.push('returned');
      }
    }
    for (const name of ['a.txt', 'a.png', '..'])
      for (const make of [web, generator] as const) {
        const content: FileContent = make();
        if (make === generator && name !== 'a.png') await (content as AsyncGenerator).next().then(() => {});
        await expect(fixture({ accept: ['image/*'] }).handle.save(content, { name })).rejects.toThrow();
      }
    await expect.poll(() => ends.length).toBe(6);
  });
});

describe('an HTTP request whose file was refused', () => {
  const answer = async (handle: (incoming: IncomingMessage) => Promise<void>): Promise<unknown> => {
    const server = createServer(async (incoming, outgoing) => {
      const status = await handle(incoming).then(
        () => 200,
        () => 415,
      );
      outgoing.writeHead(status).end();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    try {
      return await new Promise((resolve, reject) => {
        const { port } = server.address() as AddressInfo;
        const outgoing = request({ port, host: '127.0.0.1', method: 'POST' });
        outgoing.on('error', reject); // after the answer nobody listens
        outgoing.on('response', incoming => resolve(incoming.statusCode));
        Readable.from(chunks(20_000_000)).pipe(outgoing);
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };
  async function* chunks(bytes: number) {
    for (let sent = 0; sent < bytes; sent += 65_536) yield new Uint8Array(65_536);
  }

  test.each([
    ['before a byte', { accept: ['image/*'] }, 'a.exe'],
    ['for its content', { accept: ['image/*'] }, 'a.png'],
    ['half-way', { maxSizeBytes: 3_000_000 }, 'a.bin'],
    ['for its name', {}, '..'],
  ])('is answered: %s', async (_, options, name) => {
    const { handle } = fixture(options);
    expect(await answer(incoming => handle.save(incoming, { name }))).toBe(415);
  });

  test.each([
    ['before a byte', { accept: ['image/*'] }, 'a.exe'],
    ['half-way', { maxSizeBytes: 3_000_000 }, 'a.bin'],
  ])('is answered where a parser of forms reads it: %s', async (_, options, name) => {
    const { handle } = fixture(options);
    const answered = await answer(async incoming => {
      // As busboy's: the parser waits until its part has been read.
      const part = Object.assign(new PassThrough(), { truncated: false });
      const parsed = new Promise(resolve => incoming.once('end', resolve));
      incoming.pipe(part);
      const saved = handle.save(part, { name });
      await Promise.allSettled([saved, parsed]);
      await saved;
    });
    expect(answered).toBe(415);
  });
});

describe('fromPath', () => {
  const storages: Record<string, () => Storage> = {
    memory: () => new MemoryStorage(),
    disk: () => new FileSystemStorage({ root: join(folder, 'disk') }),
    'compressed memory': () => new MemoryStorage({ gzip: { contentTypes: ['text/plain'] } }),
  };
  for (const [name, make] of Object.entries(storages))
    for (const options of [{}, { columns: { digest: 'digest' } }, { accept: ['text/*'] }])
      test(`consumes on ${name} with ${JSON.stringify(options)}`, async () => {
        const { handle } = fixture(options, make());
        const path = join(folder, 'temporary.txt');
        await writeFile(path, 'content');
        await handle.save(fromPath(path, { consume: true }));
        expect([existsSync(path), await handle.stored?.text()]).toEqual([false, 'content']);
        await writeFile(path, 'other');
        await handle.stored?.replace(fromPath(path, { consume: true }));
        expect([existsSync(path), await handle.stored?.text()]).toEqual([false, 'other']);
        await writeFile(path, 'kept');
        await handle.save(fromPath(path));
        expect(existsSync(path)).toBe(true);
        await expect(handle.save(fromPath(path, { consume: true }), { name: '..' })).rejects.toThrow();
        expect(existsSync(path)).toBe(true);
      });

  test('takes a URL of a file, and says what is none', async () => {
    const { handle } = fixture();
    const path = join(folder, 'an url.txt');
    await writeFile(path, 'by URL');
    await handle.save(fromPath(pathToFileURL(path)));
    expect([handle.name, await handle.stored?.text()]).toEqual(['an_url.txt', 'by URL']);
    for (const given of [new URL('https://example.com/a'), 5, '', undefined])
      expect(() => fromPath(given as never)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});

async function descriptorsOf(path: string): Promise<number> {
  const links = (await readdir('/proc/self/fd')).map(fd => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
  return (await Promise.all(links)).filter(link => link === path).length;
}

/** Waits until a stream is closed: what it was opened for is free then. */
function closed(stream: Readable): Promise<void> {
  return stream.closed ? Promise.resolve() : new Promise(resolve => stream.once('close', resolve));
}
