import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import { defineFiles, type FileContent, file, isFieldFileError, model, upload } from '@fieldfile/core';
import { fromPath } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';
import { afterAll, describe, expect, test } from 'vitest';

interface UserRow {
  id: number;
  avatar: string | null;
  type: string | null;
}

const folder = await mkdtemp(join(tmpdir(), 'fieldfile-accept-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const PNG = png(200_000);
const JPEG = bytes([0xff, 0xd8, 0xff, 0xe0, 0, 16], 'JFIF\0', new Array(500).fill(1));
const GIF = bytes([], 'GIF89a', [1, 0, 1, 0, 0, 0, 0, 0x3b]);
const HTML = bytes([], '<!doctype html><script>alert(1)</script>');
const SVG = bytes([], '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
const XML_SVG = bytes([], '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>');
const PDF = bytes([], '%PDF-1.7\n', new Array(200).fill(0xf0));
/** Its directory is behind what is looked at, as many programs write it. */
const TIFF = bytes([], 'II*\0', [0x50, 0xc3, 0, 0], new Array(60_000).fill(0));
const ZIP = bytes(
  [],
  'PK\x03\x04',
  [20, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  new Array(12).fill(0),
  [1, 0, 0, 0],
  'a',
);
const EXE = bytes([], 'MZ', new Array(300).fill(0));
const NOTE = bytes([], 'BMW, PK and ID3: notes');

const kept: object[] = [];

function fixture(accept: readonly string[], storage = new MemoryStorage(), options = {}) {
  const users = defineFiles(model<UserRow>()('user', 'id'), {
    avatar: { storage, accept, columns: { contentType: 'type' }, ...options },
  });
  const row: UserRow = { id: 1, avatar: null, type: null };
  kept.push(row); // whose handle may be all that a test holds
  const objects = async () => (await Array.fromAsync(storage.list())).map(({ name }) => name as string);
  return { users, row, handle: users.avatar.of(row), storage, objects };
}

const web = (content: Uint8Array<ArrayBuffer>, name: string, type: string): File =>
  new File([content], name, { type });

type Case = [accept: string[], name: string, declared: string, content: Uint8Array<ArrayBuffer>];

describe('a file whose declared type, extension and content disagree is refused, and so is what the list does not mean', () => {
  test.each<Case>([
    [['image/*'], 'evil.html', 'image/png', HTML],
    [['image/*'], 'evil.html', 'image/png', PNG],
    [['image/*'], 'evil.HTM', 'image/png', HTML],
    [['image/*'], 'evil.xhtml', 'image/png', PNG],
    [['image/*'], 'evil.shtml', 'image/png', PNG],
    [['image/*'], 'evil.php', 'image/png', PNG],
    [['image/*'], 'evil.ht\u200bml', 'image/png', PNG],
    [['image/*'], 'evil.png.html', 'image/png', PNG],
    [['image/*'], 'evil.png.', 'image/png', HTML],
    [['image/*'], 'evil.png', 'image/png', HTML],
    [['image/*'], 'evil.png', 'image/png', SVG],
    [['image/*'], 'evil.png', 'image/png', XML_SVG],
    [['image/*'], 'evil.png', 'image/png', PDF],
    [['image/*'], 'evil.png', 'image/png', EXE],
    [['image/*'], 'evil.png', 'image/png', bytes([])],
    [['image/*'], 'evil.png', '', HTML],
    [['image/*'], 'evil.png', 'application/octet-stream', HTML],
    [['image/*'], 'evil', 'image/png', HTML],
    [['image/png'], 'a.png', 'image/png', JPEG],
    [['image/*'], 'a.png', 'image/jpeg', PNG],
    [['image/*'], 'a.svg', 'image/svg+xml', SVG],
    [['image/*'], 'a.svg', 'image/png', PNG],
    [['image/*'], 'a.png', 'image/svg+xml', PNG],
    [['image/*'], 'a', 'image/svg+xml', SVG],
    [['image/*', '.pdf'], 'a.pdf', 'text/html', HTML],
    [['.pdf'], 'a.pdf', 'application/pdf', HTML],
    [['.dwg'], 'a.dwg', 'text/html', HTML],
    [['.dwg'], 'a.dwg', 'image/svg+xml', SVG],
    [['.png'], 'a.png', '', SVG],
    [['text/*'], 'a.html', 'text/html', HTML],
    [['text/*'], 'a.js', 'text/javascript', NOTE],
    [['text/*'], 'a.html', 'text/plain', HTML],
    [['text/plain'], 'a.txt', 'text/plain', PNG],
    [['application/*'], 'a.xml', 'application/xml', XML_SVG],
    [['application/*'], 'a.zip', 'application/zip', PDF],
    [['image/svg+xml'], 'a.svg', 'image/svg+xml', PNG],
    [['*/*'], 'a.html', 'image/png', HTML],
  ])('%j: %j declared as %j', async (accept, name, declared, content) => {
    const { row, handle, objects } = fixture(accept);
    const error = await handle.save(web(content, name, declared)).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(isFieldFileError(error, 'not-accepted') && error.field).toBe('user.avatar');
    const { message } = error as Error;
    expect(message).toContain(`declared type ${declared || 'none'}`);
    expect(message).toMatch(/type by extension \S+, content \S+/);
    expect([row, await objects()]).toEqual([{ id: 1, avatar: null, type: null }, []]);
  });
});

describe('what agrees is stored with the type that was approved', () => {
  test.each<[...Case, approved: string | null]>([
    [['image/*'], 'a.png', 'image/png', PNG, 'image/png'],
    [['image/*'], 'a.PNG', '', PNG, 'image/png'],
    [['image/*'], 'a.png', 'application/octet-stream', PNG, 'image/png'],
    [['image/*'], 'a.jpg', 'image/jpg', JPEG, 'image/jpeg'],
    [['image/*'], 'a.jfif', 'image/jpeg', JPEG, 'image/jpeg'],
    [['image/jpeg'], 'a.jpg', 'image/pjpeg', JPEG, 'image/jpeg'],
    [['image/*'], 'a.gif', 'image/gif', GIF, 'image/gif'],
    [['image/*'], 'a.tif', 'image/tiff', TIFF, 'image/tiff'],
    [['image/*'], 'blob', 'image/png', PNG, 'image/png'],
    [['.pdf'], 'a.pdf', '', PDF, 'application/pdf'],
    [['.dwg'], 'a.dwg', 'image/vnd.dwg', bytes([], 'AC1032'), 'image/vnd.dwg'],
    [['.xyz'], 'a.xyz', '', EXE, null],
    [['application/zip'], 'a.zip', 'application/x-zip-compressed', ZIP, 'application/zip'],
    [['.docx'], 'a.docx', '', ZIP, 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    [['text/*'], 'a.txt', 'text/plain; charset=utf-8', NOTE, 'text/plain; charset=utf-8'],
    [['text/*'], 'a.csv', 'text/plain', NOTE, 'text/csv'],
    [['text/csv'], 'a.csv', 'application/vnd.ms-excel', NOTE, 'text/csv'],
    [['text/*'], 'latin.txt', 'text/plain', bytes([], 'BM\xe4rz'), 'text/plain'],
    [['text/*'], 'utf16.csv', 'text/csv', bytes([0xff, 0xfe], 'a\0;\0'), 'text/csv'],
    [['text/plain'], 'empty.txt', 'text/plain', bytes([]), 'text/plain'],
    [['image/svg+xml'], 'a.svg', 'image/svg+xml', SVG, 'image/svg+xml'],
    [['.svg'], 'a.svg', '', XML_SVG, 'image/svg+xml'],
    [['text/html'], 'a.html', 'text/html', HTML, 'text/html'],
    [['*/*'], 'a.bin', 'application/x-thing', EXE, 'application/x-thing'],
  ])('%j: %j declared as %j', async (accept, name, declared, content, approved) => {
    const { row, handle } = fixture(accept);
    await handle.save(web(content, name, declared));
    expect(row).toEqual({ id: 1, avatar: name, type: approved });
    expect((await handle.stored?.info())?.contentType ?? null).toBe(approved);
    expect(Buffer.compare((await handle.stored?.bytes()) ?? HTML, content)).toBe(0);
  });
});

describe('what is looked at is stored whole', () => {
  const path = join(folder, 'a.png');
  async function* byteByByte(content: Uint8Array) {
    for (let at = 0; at < 6000; at++) yield content.subarray(at, at + 1);
    yield content.subarray(6000);
  }
  const ways: Record<string, (content: Uint8Array<ArrayBuffer>) => Promise<FileContent> | FileContent> = {
    bytes: content => content,
    'a Blob': content => new Blob([content]),
    'a web stream': content => new Blob([content]).stream(),
    'a Node stream': content => Readable.from([content]),
    'a generator of single bytes': byteByByte,
    'a path': async content => {
      await writeFile(path, content);
      return fromPath(path);
    },
    'a path to consume': async content => {
      await writeFile(path, content);
      return fromPath(path, { consume: true });
    },
  };
  for (const [way, make] of Object.entries(ways))
    test(way, async () => {
      for (const storage of [new MemoryStorage(), new FileSystemStorage({ root: join(folder, way) })]) {
        const { handle, objects } = fixture(['image/*'], storage as MemoryStorage);
        await handle.save(await make(PNG), { name: 'a.png' });
        expect(Buffer.compare((await handle.stored?.bytes()) ?? HTML, PNG)).toBe(0);
        await expect(handle.save(await make(HTML), { name: 'b.png' })).rejects.toThrow('content unknown');
        expect(await objects()).toEqual(['a.png']);
      }
    });

  test("another row's file, and a replacement", async () => {
    const { users, handle, storage } = fixture(['image/*', '.html']);
    const images = fixture(['image/*'], storage);
    await handle.save(HTML, { name: 'a.html' });
    if (!handle.stored) throw new Error('It was not stored.');
    await expect(images.handle.save(handle.stored, { name: 'a.png' })).rejects.toThrow('content unknown');
    await images.handle.save(PNG, { name: 'b.png' });
    await expect(images.handle.stored?.replace(HTML)).rejects.toThrow('content unknown');
    await expect(images.handle.stored?.replace(PDF)).rejects.toThrow('content application/pdf');
    await images.handle.stored?.replace(png(1000));
    const copy: UserRow = { id: 2, avatar: null, type: null };
    if (images.handle.stored) await users.avatar.of(copy).save(images.handle.stored, { name: 'c.png' });
    expect(await images.objects()).toEqual(['a.html', 'b.png', 'c.png']);
  });

  test('an assignment is refused at once where type and extension disagree, else by upload', async () => {
    const { users, row, handle, objects } = fixture(['image/*']);
    expect(() => users.avatar.set(row, web(HTML, 'a.html', 'image/png'))).toThrow('content not looked at');
    users.avatar.set(row, web(HTML, 'a.png', 'image/png'));
    await expect(upload(row)).rejects.toThrow('content unknown');
    users.avatar.set(row, file(PNG, 'a.png'));
    await upload(row);
    expect([handle.name, await objects()]).toEqual(['a.png', ['a.png']]);
  });

  test('no more than the first bytes of a stream are asked for', async () => {
    let asked = 0;
    async function* content() {
      for (;;) {
        asked += 1024;
        yield HTML.slice(0, 1024);
        yield new Uint8Array(1024);
      }
    }
    const { handle } = fixture(['image/*']);
    await expect(handle.save(content(), { name: 'a.png' })).rejects.toThrow('content unknown');
    expect(asked).toBeLessThan(8192);
  });
});

test('disk serves the type that was approved, since it goes by the name', async () => {
  const storage = new FileSystemStorage({ root: join(folder, 'disk') });
  const { handle, row } = fixture(['image/*'], storage as never);
  await expect(handle.save(web(HTML, 'evil.html', 'image/png'))).rejects.toThrow('not "evil.html"');
  await handle.save(web(PNG, 'a.png', 'image/png'));
  expect([(await handle.stored?.info())?.contentType, row.type]).toEqual(['image/png', 'image/png']);
});

test('a name that uploadTo makes is not to be served as another, scriptable type', async () => {
  const uploadTo = (_: UserRow, name: string) => `${name}.html`;
  const { handle, objects } = fixture(['image/*'], new MemoryStorage(), { uploadTo });
  await expect(handle.save(PNG, { name: 'a.png' })).rejects.toMatchObject({ code: 'not-accepted' });
  expect(await objects()).toEqual([]);
});

test('without the library, declared type and extension must agree', async () => {
  const program = `
    import { registerHooks } from 'node:module';
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier === 'file-type') throw Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' });
        return next(specifier, context);
      },
    });
    const { defineFiles, model } = await import('@fieldfile/core');
    const { MemoryStorage } = await import('@fieldfile/memory');
    const users = defineFiles(model()('user', 'id'), { avatar: { storage: new MemoryStorage(), accept: ['image/*'] } });
    const outcome = (content, name, type) =>
      users.avatar.of({ id: 1, avatar: null }).save(new File([content], name, { type })).then(() => name, error => error.code);
    console.log(JSON.stringify([
      await outcome('<script>', 'a.png', 'image/png'),
      await outcome('<script>', 'b.html', 'image/png'),
      await outcome('<script>', 'c.png', 'text/html'),
      await outcome('<svg/>', 'd.svg', 'image/svg+xml'),
    ]));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--conditions=@fieldfile/source',
      '--input-type=module',
      '--disable-warning=ExperimentalWarning',
      '-e',
      program,
    ],
    { cwd: import.meta.dirname },
  );
  expect(JSON.parse(stdout)).toEqual(['a.png', 'not-accepted', 'not-accepted', 'not-accepted']);
});

test('samples of the demo are what they say', async () => {
  const samples = join(import.meta.dirname, '../../../apps/demo/samples');
  for (const name of [
    'sunset.png',
    'letter.pdf',
    'tone.wav',
    'archive.tar.gz',
    'harbour.svg',
    'places.json',
  ]) {
    const accept = [name.slice(name.lastIndexOf('.'))];
    const { row, handle } = fixture(accept);
    await handle.save(await readFile(join(samples, name)), { name });
    expect(row.avatar).toBe(name);
  }
});

function bytes(start: readonly number[], text = '', ...more: (readonly number[] | string)[]) {
  const parts = [Uint8Array.from(start), Buffer.from(text, 'latin1')];
  for (const part of more)
    parts.push(typeof part === 'string' ? Buffer.from(part, 'latin1') : Uint8Array.from(part));
  return new Uint8Array(Buffer.concat(parts));
}

/** A chunk of pixels that is as long as wanted. */
function png(length: number): Uint8Array<ArrayBuffer> {
  const chunk = (type: string, data: Uint8Array): Uint8Array => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, data, Buffer.alloc(4)]);
  };
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  return new Uint8Array(
    Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      chunk('IHDR', header),
      chunk('tEXt', Buffer.alloc(length)),
      chunk('IDAT', deflateSync(Buffer.from([0, 0]))),
      chunk('IEND', new Uint8Array()),
    ]),
  );
}
