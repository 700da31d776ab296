import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { isFieldFileError } from '@fieldfile/core';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { oddImages } from '../../test/hostile-images.ts';
import { image, plainImage } from '../../test/images.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { acceptedFormats, mayHaveType } from '../field/image-types.ts';
import { readImageHeader } from '../header/read-header.ts';
import { childProcessor } from './child-processor.ts';
import type { ImageProcessor } from './image-processor.ts';
import { sharpProcessor } from './sharp-processor.ts';
import type { Transformation } from './transformation.ts';

const folder = temporaryFolder();
const child = childProcessor();
afterAll(() => {
  child[Symbol.dispose]();
  folder.remove();
});

const odd = await oddImages();
const TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  tiff: 'image/tiff',
  svg: 'image/svg+xml',
};

let counter = 0;

async function made(processor: ImageProcessor, bytes: Uint8Array, transformation: Transformation) {
  const number = counter++;
  const [input, output] = [join(folder.path, `${number}.in`), join(folder.path, `${number}.out`)];
  writeFileSync(input, bytes);
  const result = await processor.process({ input, output, transformation });
  return { ...result, bytes: readFileSync(output) };
}

/** A size, or the code of the error. */
async function outcome(processor: ImageProcessor, bytes: Uint8Array): Promise<string> {
  try {
    const { width, height } = await made(processor, bytes, { width: 16, height: 16, format: 'webp' });
    return `${width}x${height}`;
  } catch (error) {
    return isFieldFileError(error) ? error.code : String(error);
  }
}

test('there are at least 60 odd and hostile images', () => {
  expect(odd.length).toBeGreaterThanOrEqual(60);
});

test.each(odd)('$what is taken by a field, or is not', async ({ name, bytes, taken }) => {
  const header = await readImageHeader(new Blob([bytes as Uint8Array<ArrayBuffer>]).stream());
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
  const isTaken =
    header !== undefined &&
    acceptedFormats(['image/*']).has(header.format) &&
    mayHaveType(header.format, type);
  expect(isTaken).toBe(taken);
});

describe.each([
  ['in this process', sharpProcessor()],
  ['in a child process', child],
] as const)('%s', (where, processor) => {
  test.each(odd)('$what: $made', async ({ bytes, made: expected }) => {
    expect(await outcome(processor, bytes)).toBe(expected);
  });

  test('what failed leaves no file', async () => {
    const before = readdirSync(folder.path).filter(name => name.endsWith('.out')).length;
    expect(await outcome(processor, Buffer.from('no image'))).toBe('not-accepted');
    expect(readdirSync(folder.path).filter(name => name.endsWith('.out'))).toHaveLength(before);
  });

  test('metadata is gone, GPS and all, and the image stands upright', async () => {
    const original = await sharp(await image('jpeg', { width: 8, height: 4 }))
      .withExif({ IFD0: { Copyright: 'Ada' }, IFD3: { GPSLatitude: '1/1 2/1 3/1' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    expect((await sharp(original).metadata()).exif?.includes('Ada')).toBe(true);
    for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
      const { bytes } = await made(processor, original, { format });
      const { exif, xmp, iptc, icc, orientation = 1, width, height } = await sharp(bytes).metadata();
      expect({ exif, xmp, iptc, icc, orientation, width, height }).toEqual({
        orientation: 1,
        width: 4,
        height: 8,
      });
    }
  });

  test('a profile is kept if asked for, and else the colours are sRGB', async () => {
    const original = await sharp(await image('png'))
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const kept = await made(processor, original, { format: 'png', keepProfile: true });
    expect((await sharp(kept.bytes).metadata()).icc).toBeDefined();
    const plain = await made(processor, original, { format: 'png' });
    expect((await sharp(plain.bytes).metadata()).icc).toBeUndefined();
  });

  test('an animation is kept if asked for, up to a number of frames', async () => {
    const frames = await Promise.all(['red', 'lime', 'blue'].map(colour => plainImage(20, 10, colour)));
    const original = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    const kept = await made(processor, original, { width: 10, format: 'webp', animated: true });
    expect(kept).toMatchObject({ width: 10, height: 5 });
    expect((await sharp(kept.bytes, { pages: -1 }).metadata()).pages).toBe(3);
    const frameLimit = { maxFrames: 2 };
    using limited =
      where === 'in this process' ? undisposed(sharpProcessor(frameLimit)) : childProcessor(frameLimit);
    await expect(made(limited, original, { format: 'gif', animated: true })).rejects.toMatchObject({
      code: 'too-large',
    });
    const still = await made(processor, original, { width: 10, format: 'webp' });
    expect((await sharp(still.bytes, { pages: -1 }).metadata()).pages).toBeUndefined();
  });

  test('every fit has its size, and nothing is enlarged unless asked for', async () => {
    const original = await image('png', { width: 40, height: 20 });
    for (const [transformation, width, height] of [
      [{ width: 10, height: 10, fit: 'cover', format: 'jpeg' }, 10, 10],
      [{ width: 10, height: 10, fit: 'contain', format: 'png' }, 10, 10],
      [{ width: 10, height: 10, fit: 'fill', format: 'avif' }, 10, 10],
      [{ width: 10, height: 10, format: 'webp' }, 10, 5],
      [{ height: 10, format: 'gif' }, 20, 10],
      [{ width: 80, format: 'png' }, 40, 20],
      [{ width: 80, format: 'png', enlarge: true }, 80, 40],
      [{ format: 'raw', width: 4 }, 4, 2],
    ] as const) {
      const result = await made(processor, original, transformation);
      expect([transformation, result.width, result.height]).toEqual([transformation, width, height]);
      expect(result.sizeBytes).toBe(result.bytes.length);
      if (transformation.format === 'raw') expect(result.bytes.length).toBe(4 * 2 * 4);
      else expect((await sharp(result.bytes).metadata()).width).toBe(width);
    }
  });

  test('transparent parts are white in JPEG, or what is asked for', async () => {
    const clear = await sharp({ create: { width: 4, height: 4, channels: 4, background: '#00000000' } })
      .png()
      .toBuffer();
    for (const [background, expected] of [
      [undefined, 255],
      ['#000000', 0],
    ] as const) {
      const { bytes } = await made(processor, clear, {
        format: 'jpeg',
        ...(background ? { background } : {}),
      });
      expect((await sharp(bytes).stats()).channels[0]?.mean).toBe(expected);
    }
  });

  test.each([
    ['an unknown format', { format: 'svg' }],
    ['no format', {}],
    ['a width of nothing', { format: 'png', width: 0 }],
    ['a width beyond every format', { format: 'png', width: 20_000 }],
    ['an unknown option', { format: 'png', effort: 9 }],
    ['a background that is no colour', { format: 'png', background: 'url(x)' }],
  ])('%s is refused', async (_, transformation) => {
    await expect(made(processor, await image('png'), transformation as Transformation)).rejects.toMatchObject(
      { code: 'invalid-argument' },
    );
  });

  test('a job that is given up ends, and the next one is done', async () => {
    const ended = new AbortController();
    ended.abort();
    const job = {
      input: 'x',
      output: join(folder.path, 'given-up'),
      transformation: { format: 'png' },
      signal: ended.signal,
    } as const;
    await expect(processor.process(job)).rejects.toMatchObject({ code: 'aborted' });
    expect(await outcome(processor, await image('png'))).toBe('8x4');
  });

  test(`limits hold ${where}`, async () => {
    const original = await image('png', { width: 40, height: 20 });
    for (const limits of [
      { maxInputBytes: 10 },
      { maxPixels: 100 },
      { maxOutputBytes: 10 },
      { maxOutputPixels: 10 },
    ]) {
      using limited =
        where === 'in this process' ? undisposed(sharpProcessor(limits)) : childProcessor(limits);
      await expect(made(limited, original, { width: 20, height: 20, format: 'png' })).rejects.toMatchObject({
        code: 'too-large',
      });
    }
  });
});

const undisposed = (processor: ImageProcessor) => ({ ...processor, [Symbol.dispose]() {} });

/** Takes seconds to encode. */
const slow = { format: 'avif', width: 3000, height: 3000, fit: 'fill', enlarge: true, quality: 100 } as const;

/** Never gives a byte: whoever reads it waits. */
function endlessImage(): string {
  const path = join(folder.path, `${counter++}.pipe`);
  execFileSync('mkfifo', [path]);
  return path;
}

/** A job that never ends by itself. */
const endless = (processor: ImageProcessor) =>
  processor.process({
    input: endlessImage(),
    output: join(folder.path, `${counter++}.out`),
    transformation: { format: 'png' },
  });

test('a child that takes too long is killed, and the next job gets another one', async () => {
  using limited = childProcessor({ timeoutSeconds: 5 });
  await expect(endless(limited)).rejects.toMatchObject({
    code: 'timeout',
    message: 'The image took longer than 5 s.',
  });
  expect(await outcome(limited, await image('png'))).toBe('8x4');
});

test('the time that a child takes to start is not its job’s, and has a bound of its own', async () => {
  const small = await image('png');
  using limited = childProcessor({ timeoutSeconds: 2 });
  const before = new Set(childrenOfThis());
  const job = outcome(limited, small);
  const stopped = await startedSince(before);
  process.kill(stopped, 'SIGSTOP'); // it is starting still
  using clock = childProcessor({ timeoutSeconds: 2 });
  await expect(endless(clock)).rejects.toMatchObject({ code: 'timeout' });
  process.kill(stopped, 'SIGCONT');
  expect(await job).toBe('8x4');

  using hurried = childProcessor({ startSeconds: 0.001 });
  await expect(made(hurried, small, { format: 'png' })).rejects.toMatchObject({
    code: 'timeout',
    message: 'The process that makes images did not start within 0.001 s.',
  });
});

function childrenOfThis(): string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        return /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] === `${process.pid}`;
      } catch {
        return false;
      }
    });
}

/** The first child that was not there before. Asked for again and again, without a turn in which it could answer. */
async function startedSince(before: ReadonlySet<string>): Promise<number> {
  for (;;) {
    const pid = childrenOfThis().find(child => !before.has(child));
    if (pid !== undefined) return Number(pid);
    await undefined;
  }
}

test('a child that takes too much memory is killed', async () => {
  using limited = childProcessor({ maxMemoryBytes: 130 * 1024 * 1024 });
  await expect(made(limited, await image('png', { width: 2000, height: 2000 }), slow)).rejects.toMatchObject({
    code: 'too-large',
  });
});

test('a job that is given up in the middle kills its child', async () => {
  const ended = new AbortController();
  using limited = childProcessor();
  const input = join(folder.path, 'slow.png');
  writeFileSync(input, await image('png', { width: 2000, height: 2000 }));
  const job = limited.process({
    input,
    output: join(folder.path, 'slow.avif'),
    transformation: slow,
    signal: ended.signal,
  });
  const given = expect(job).rejects.toMatchObject({ code: 'aborted' });
  ended.abort();
  await given;
});

test('the child has no secret of the environment', async () => {
  process.env.FIELDFILE_SECRET_OF_A_TEST = 'secret-of-a-test';
  using limited = childProcessor();
  expect(await outcome(limited, await image('png'))).toBe('8x4');
  const environments = childrenOfThis().flatMap(pid => {
    try {
      return [readFileSync(`/proc/${pid}/environ`, 'latin1')];
    } catch {
      return [];
    }
  });
  delete process.env.FIELDFILE_SECRET_OF_A_TEST;
  expect(environments.length).toBeGreaterThan(0);
  expect(environments.filter(environment => environment.includes('secret-of-a-test'))).toEqual([]);
});
