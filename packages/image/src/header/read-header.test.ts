import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { chunked, image, jpegWithMetadata, MADE_FORMATS } from '../../test/images.ts';
import { readImageHeader } from './read-header.ts';

const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8];

describe.each(MADE_FORMATS)('%s', format => {
  test('tells format and size, whole or byte by byte', async () => {
    const bytes = await image(format, { width: 37, height: 11 });
    for (const length of [bytes.length, 1, 7])
      expect(await readImageHeader(chunked(bytes, length))).toEqual({ format, width: 37, height: 11 });
  });

  test('cut off anywhere it tells the true size or nothing', async () => {
    const bytes = await image(format, { width: 37, height: 11 });
    for (let length = 0; length < bytes.length; length++) {
      const header = await readImageHeader(chunked(bytes.subarray(0, length), 64));
      if (header) expect(header).toEqual({ format, width: 37, height: 11 });
    }
  });

  test('cut off before the end of its header it tells nothing', async () => {
    const bytes = await image(format);
    for (const length of [0, 1, 2, 6, 9])
      expect(await readImageHeader(chunked(bytes.subarray(0, length), 5))).toBeUndefined();
  });
});

test.each(['jpeg', 'png', 'webp', 'tiff'] as const)(
  '%s is turned as EXIF says, as sharp turns it',
  async format => {
    for (const orientation of ORIENTATIONS) {
      const bytes = await image(format, { width: 8, height: 4, orientation });
      const { autoOrient } = await sharp(bytes).metadata();
      const { width, height } = (await readImageHeader(chunked(bytes, 100))) ?? {};
      expect({ orientation, width, height }).toEqual({ orientation, ...autoOrient });
    }
  },
);

test.each(['avif', 'gif'] as const)('%s has the size that sharp tells, whatever EXIF says', async format => {
  const bytes = await image(format, { width: 8, height: 4, orientation: 6 });
  const { autoOrient } = await sharp(bytes).metadata();
  expect(await readImageHeader(chunked(bytes, 100))).toMatchObject(autoOrient);
});

test.each(['an image', 'no image'])('a file that is %s is closed when its header is known', async what => {
  const path = join(mkdtempSync(join(tmpdir(), 'fieldfile-header-')), 'file');
  const beginning = what === 'an image' ? await image('gif') : Buffer.from('text of no image');
  writeFileSync(path, Buffer.concat([beginning, Buffer.alloc(1_000_000)]));
  const stream = createReadStream(path);
  const header = await readImageHeader(stream);
  expect(header?.format).toBe(what === 'an image' ? 'gif' : undefined);
  expect(stream.destroyed).toBe(true);
  rmSync(dirname(path), { recursive: true });
});

test('metadata of any length stands before the size, and no more is read than to the size', async () => {
  for (const length of [300_000, 6_500_000]) {
    const bytes = await jpegWithMetadata(length);
    let read = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunked(Buffer.concat([bytes, new Uint8Array(1_000_000)]), 65_536)) {
        read += chunk.length;
        yield chunk;
      }
    }
    expect(await readImageHeader(counted())).toEqual({ format: 'jpeg', width: 8, height: 4 });
    expect(read).toBeLessThan(length + 2 * 65_536);
  }
});

test('HEIC tells its size as AVIF does, which is made of the same boxes', async () => {
  const avif = Buffer.from(await image('avif', { width: 37, height: 11 }));
  const heic = Buffer.from(avif.toString('latin1').replaceAll('avif', 'heic'), 'latin1');
  expect(await readImageHeader(chunked(heic, 9))).toEqual({ format: 'heic', width: 37, height: 11 });
});

test('animations have the size of a frame', async () => {
  const frames = await Promise.all([1, 2, 3].map(() => image('png', { width: 9, height: 5 })));
  for (const format of ['gif', 'webp'] as const) {
    const joined = await sharp(frames, { join: { animated: true } })
      .toFormat(format)
      .toBuffer();
    expect(await readImageHeader(chunked(joined, 50))).toEqual({ format, width: 9, height: 5 });
  }
});

test('lossless, lossy and transparent WebP are told apart', async () => {
  const base = sharp(await image('png', { width: 21, height: 13 }));
  for (const options of [{ lossless: true }, { lossless: false }, { nearLossless: true }])
    for (const channels of [base.clone(), base.clone().ensureAlpha(0.5)]) {
      const bytes = await channels.webp(options).toBuffer();
      expect(await readImageHeader(chunked(bytes, 10))).toEqual({ format: 'webp', width: 21, height: 13 });
    }
});

test('progressive, grey, CMYK and 16 bit images tell their size', async () => {
  const base = sharp(await image('png', { width: 21, height: 13 }));
  const made = {
    jpeg: [
      base.clone().jpeg({ progressive: true }),
      base.clone().greyscale().jpeg(),
      base.clone().toColourspace('cmyk').jpeg(),
    ],
    png: [
      base.clone().toColourspace('rgb16').png(),
      base.clone().png({ palette: true }),
      base.clone().png({ progressive: true }),
    ],
    tiff: [
      base.clone().tiff({ tile: true }),
      base.clone().tiff({ bigtiff: true }),
      base.clone().tiff({ compression: 'lzw' }),
    ],
  };
  for (const [format, images] of Object.entries(made))
    for (const one of images)
      expect(await readImageHeader(chunked(await one.toBuffer(), 33))).toEqual({
        format,
        width: 21,
        height: 13,
      });
});

test('what is no image tells nothing', async () => {
  const contents = [
    '',
    'hello',
    '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>',
    '%PDF-1.7\n1 0 obj',
    'GIF88a\x08\0\x04\0\0\0\0',
    'BM\0\0\0\0\0\0\0\0',
    'RIFF\0\0\0\0WAVEfmt \0\0\0\0',
    '\0\0\0\x18ftypmp42\0\0\0\0mp42isom',
    '\xff\xd8\xff\xd9',
    '\xff\xd8\xff\xda\0\x02',
    '\x89PNG\r\n\x1a\n\0\0\0\x04CgBI\0\0\0\0',
    'II*\0\x04\0\0\0',
    'GIF89a\0\0\0\0\0\0\0',
  ];
  for (const content of contents)
    expect([content, await readImageHeader(chunked(Buffer.from(content, 'latin1'), 4))]).toEqual([
      content,
      undefined,
    ]);
});

test('whatever bytes follow a signature, it gives a size above 0 or nothing, and ends', async () => {
  const signatures = [
    '\xff\xd8\xff',
    '\x89PNG\r\n\x1a\n\0\0\0\rIHDR',
    'GIF89a',
    'RIFF\0\0\0\0WEBPVP8X',
    'II*\0',
    'MM\0+',
    '\0\0\0\x10ftypavif\0\0\0\0',
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('', ...signatures),
      fc.uint8Array({ maxLength: 300 }),
      async (signature, rest) => {
        const bytes = Buffer.concat([Buffer.from(signature, 'latin1'), rest]);
        const header = await readImageHeader(chunked(bytes, 16));
        if (header) expect(Math.min(header.width, header.height)).toBeGreaterThan(0);
      },
    ),
    { numRuns: 2000 },
  );
});

test('real headers with bytes changed give a size above 0 or nothing', async () => {
  const images = await Promise.all(MADE_FORMATS.map(format => image(format, { orientation: 6 })));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...images),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      async (whole, changes) => {
        const bytes = new Uint8Array(whole);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const header = await readImageHeader(chunked(bytes, 16));
        if (header) expect(Math.min(header.width, header.height)).toBeGreaterThan(0);
      },
    ),
    { numRuns: 2000 },
  );
});
