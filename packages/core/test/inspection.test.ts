import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  defineFiles,
  type FileContent,
  file,
  type Inspect,
  type Inspector,
  isFieldFileError,
  model,
  type Storage,
  upload,
} from '@fieldfile/core';
import { fromPath } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspecting } from '../src/field/inspecting.ts';

interface Row {
  id: number;
  scan: string | null;
}

const EVIL = 'an EVIL text';
const folder = mkdtempSync(join(tmpdir(), 'fieldfile-inspection-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Refuses what has the word in it, however it is cut. */
const scan: Inspect = async content => {
  let text = '';
  for await (const chunk of content) text += new TextDecoder().decode(chunk, { stream: true });
  return text.includes('EVIL') ? 'It is evil.' : undefined;
};

function fieldOn(storage: Storage, inspect: Inspect | Inspector) {
  return defineFiles(model<Row>()('inspected', 'id'), { scan: { storage, inspect } }).scan;
}

const row = (): Row => ({ id: 1, scan: null });

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    error => error,
  );
  return isFieldFileError(error) ? error.code : String(error);
}

const storages: [string, () => Storage][] = [
  ['memory', () => new MemoryStorage()],
  ['disk', () => new FileSystemStorage({ root: mkdtempSync(join(folder, 'root-')) })],
];

const contents: [string, (text: string) => FileContent | Promise<FileContent>][] = [
  ['text', text => text],
  ['a Blob', text => new Blob([text])],
  ['a stream', text => new Blob([text]).stream()],
  ['a stream in pieces', text => pieces(text)],
  [
    'a file of this machine',
    async text => {
      const path = join(folder, 'given.txt');
      await writeFile(path, text);
      return fromPath(path);
    },
  ],
];

async function* pieces(text: string): AsyncGenerator<string> {
  for (const character of text) yield character;
}

describe.each(storages)('on %s', (_, open) => {
  test.each(contents)(
    '%s that is good is stored whole, and what is refused leaves nothing',
    async (_, make) => {
      const storage = open();
      const field = fieldOn(storage, scan);
      const good = row();
      await field.of(good).save(await make('a good text'), { name: 'good.txt' });
      expect(await field.of(good).stored?.text()).toBe('a good text');
      const bad = row();
      expect(await codeOf(field.of(bad).save(await make(EVIL), { name: 'bad.txt' }))).toBe('not-accepted');
      expect(bad.scan).toBe(null);
      expect(await Array.fromAsync(storage.list(), ({ name }) => name as string)).toEqual(['good.txt']);
    },
  );

  test('nobody ever sees what is refused, nor what waits for its verdict', async () => {
    const storage = open();
    const judged = Promise.withResolvers<string>();
    const field = fieldOn(storage, () => judged.promise);
    const saving = codeOf(field.of(row()).save(pieces('a text'), { name: 'a.txt' }));
    for (let look = 0; look < 10; look++) {
      await sleep(2);
      expect(await storage.exists('a.txt')).toBe(false);
      expect(await Array.fromAsync(storage.list())).toEqual([]);
    }
    judged.resolve('No.');
    expect(await saving).toBe('not-accepted');
    expect(await storage.exists('a.txt')).toBe(false);
  });

  test('the old content stays where what is to replace it is refused', async () => {
    const storage = open();
    const field = fieldOn(storage, scan);
    const good = row();
    await field.of(good).save('good', { name: 'a.txt' });
    expect(await codeOf(Promise.resolve(field.of(good).stored?.replace(EVIL)))).toBe('not-accepted');
    expect(await field.of(good).stored?.text()).toBe('good');
    await field.of(good).stored?.replace('better');
    expect(await field.of(good).stored?.text()).toBe('better');
  });
});

test('the last bytes wait for the verdict, also where an empty chunk follows them', async () => {
  const source = inspecting(
    {
      sizeBytes: 7,
      replayable: true,
      async *open() {
        for (const text of ['abc', 'defg', '']) yield new TextEncoder().encode(text);
      },
    },
    {
      inspect: async content => ((await Array.fromAsync(content)).length > 0 ? 'It is refused.' : undefined),
    },
    { field: 'inspected.scan', filename: 'a.txt', contentType: undefined, sizeBytes: 7 },
  );
  const passed: string[] = [];
  const reading = (async () => {
    for await (const chunk of source.open()) passed.push(new TextDecoder().decode(chunk));
  })();
  expect(await codeOf(reading)).toBe('not-accepted');
  expect(passed).toEqual(['abc']);
});

describe('the inspector', () => {
  let storage: MemoryStorage;
  beforeAll(() => {
    storage = new MemoryStorage();
  });

  test('is told what is known of the content, and its reason is in the error', async () => {
    let about: unknown;
    const field = fieldOn(storage, async (_, known) => {
      about = known;
      return 'It has a bad name.';
    });
    await expect(
      field.of(row()).save(new Blob(['x'], { type: 'text/plain' }), { name: 'up/a.txt' }),
    ).rejects.toThrow('inspected.scan does not take "a.txt": It has a bad name. Nothing was stored.');
    expect(about).toMatchObject({
      field: 'inspected.scan',
      filename: 'a.txt',
      contentType: 'text/plain',
      sizeBytes: 1,
    });
  });

  test('judges before the end, without reading, or by reading a part', async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<string> {
      for (;;) {
        read++;
        yield 'x'.repeat(1000);
      }
    }
    const first: Inspect = async content => {
      for await (const chunk of content) return `It begins with ${chunk.length} bytes.`;
    };
    expect(await codeOf(fieldOn(storage, first).of(row()).save(endless(), { name: 'a' }))).toBe(
      'not-accepted',
    );
    expect(read).toBeLessThan(10);
    const any = row();
    await fieldOn(storage, async () => undefined)
      .of(any)
      .save(pieces('unread'), { name: 'unread.txt' });
    expect(await (await storage.open(any.scan ?? '')).text()).toBe('unread');
  });

  test('that fails stores nothing, and the cause is told', async () => {
    const down = new Error('connect ECONNREFUSED');
    const field = fieldOn(storage, () => Promise.reject(down));
    await expect(field.of(row()).save('x', { name: 'down.txt' })).rejects.toMatchObject({
      code: 'not-inspected',
      cause: down,
    });
    expect(await storage.exists('down.txt')).toBe(false);
  });

  test.each<[string, Inspect]>([
    ['neither reads nor decides', () => new Promise(() => {})],
    [
      'reads all and does not decide',
      async content => {
        for await (const _ of content);
        return new Promise(() => {});
      },
    ],
  ])('that %s is not waited for for ever', async (_, inspect) => {
    const signal = Promise.withResolvers<AbortSignal>();
    const silent: Inspect = (content, about) => {
      signal.resolve(about.signal);
      return inspect(content, about);
    };
    const field = fieldOn(storage, { inspect: silent, timeoutSeconds: 0.05 });
    expect(await codeOf(field.of(row()).save(pieces('silent'), { name: 'silent.txt' }))).toBe(
      'not-inspected',
    );
    expect((await signal.promise).aborted).toBe(true);
    expect(await storage.exists('silent.txt')).toBe(false);
  });

  test('is given no more than it looks at', async () => {
    const field = fieldOn(storage, { inspect: scan, maxBytes: 5 });
    expect(await codeOf(field.of(row()).save('123456', { name: 'a' }))).toBe('too-large');
    expect(await codeOf(field.of(row()).save(pieces('123456'), { name: 'a' }))).toBe('too-large');
    await field.of(row()).save(pieces('12345'), { name: 'five.txt' });
  });

  test('sees what was assigned, staged, and copied from another row', async () => {
    const own = new MemoryStorage();
    const field = fieldOn(own, scan);
    const assigned = row();
    field.set(assigned, file(EVIL, 'a.txt'));
    expect(await codeOf(upload(assigned))).toBe('not-accepted');
    expect(await codeOf(field.stage(EVIL, { name: 'a.txt' }))).toBe('not-accepted');
    await own.save('old.txt', EVIL);
    const old = row();
    old.scan = 'old.txt';
    expect(await codeOf(field.of(row()).save(field.of(old).stored ?? ''))).toBe('not-accepted');
    expect(await Array.fromAsync(own.list(), ({ name }) => name as string)).toEqual(['old.txt']);
  });

  test('sees what is empty, and the stream that was refused is let go of', async () => {
    const seen: number[] = [];
    const field = fieldOn(storage, async content => {
      seen.push((await Array.fromAsync(content)).length);
      return undefined;
    });
    await field.of(row()).save('', { name: 'empty.txt' });
    expect(seen).toEqual([0]);
    const path = join(folder, 'descriptors.txt');
    await writeFile(path, EVIL);
    const before = readdirSync('/proc/self/fd').length;
    const refusing = fieldOn(storage, scan);
    for (let round = 0; round < 20; round++)
      await codeOf(refusing.of(row()).save(await fromPath(path), { name: 'a.txt' }));
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 5);
  });

  test.each([{ timeoutSeconds: 1 }, 'clamd', { inspect: scan, timeout: 1 }, { inspect: scan, maxBytes: -1 }])(
    'is a function, or has one: not %o',
    inspect => {
      expect(() => fieldOn(storage, inspect as never)).toThrow(/inspected\.scan: inspect must be/);
    },
  );
});
