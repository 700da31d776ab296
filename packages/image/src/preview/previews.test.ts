import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { isFieldFileError } from '@fieldfile/core';
import { load } from '@fieldfile/test-servers/load';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { ENCRYPTED, isInstalled, pdf, pdfWithImage, sound, turned, video } from '../../test/documents.ts';
import { oddImages } from '../../test/hostile-images.ts';
import { image } from '../../test/images.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import type { ImageProcessor } from '../processor/image-processor.ts';
import { sharpProcessor } from '../processor/sharp-processor.ts';
import { pdfPreview } from './pdf-preview.ts';
import type { Preview } from './preview.ts';
import { previewProcessor } from './preview-processor.ts';
import { videoPreview } from './video-preview.ts';

/** Of ten places to cut a video off, these are tried. */
const STEP = load({ test: 4, ci: 2, deep: 1 });

const folder = temporaryFolder();
afterAll(() => folder.remove());

/** What draws, as it is. */
const AS_DRAWN: ImageProcessor = {
  async process({ input, output }) {
    copyFileSync(input, output);
    return { width: 0, height: 0, sizeBytes: 0 };
  },
};

const FORMATS = ['mp4', 'mov', 'webm', 'matroska', 'avi', 'ogg', 'mpegts'] as const;

/** What videos begin with. */
const SIGNS = [
  '\0\0\0\x18ftypisom\0\0\0\0isom',
  '\0\0\0\x08wide',
  '\x1a\x45\xdf\xa3',
  'RIFF\0\0\0\0AVI ',
  'OggS',
  `G${'\0'.repeat(187)}`.repeat(8),
];

let counter = 0;

async function made(previews: readonly Preview[], content: Uint8Array | string, width = 1600) {
  const own = join(folder.path, `${counter++}`);
  mkdirSync(own);
  const [input, output] = [join(own, 'input'), join(own, 'output')];
  writeFileSync(input, content);
  const processor = previewProcessor(sharpProcessor(), previews);
  try {
    const result = await processor.process({ input, output, transformation: { width, format: 'png' } });
    return { ...result, bytes: readFileSync(output) };
  } finally {
    expect(readdirSync(own).filter(name => !['input', 'output'].includes(name))).toEqual([]);
  }
}

/** A size, or the code of the error. */
async function outcome(previews: readonly Preview[], content: Uint8Array | string): Promise<string> {
  try {
    const { width, height } = await made(previews, content);
    return `${width}x${height}`;
  } catch (error) {
    return isFieldFileError(error) ? error.code : String(error);
  }
}

async function middle(bytes: Uint8Array): Promise<readonly number[]> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * 3;
  return [...data.subarray(at, at + 3)].map(value => Math.round(value / 64) * 64);
}

const isBlue = async (bytes: Uint8Array): Promise<boolean> => {
  const [red = 0, green = 0, blue = 0] = await middle(bytes);
  return red <= 64 && green <= 64 && blue >= 192;
};

const ALL = [pdfPreview(), videoPreview()];

test('images go to the processor as they are, of every format and however odd', async () => {
  for (const format of ['jpeg', 'png', 'gif', 'webp', 'avif', 'tiff'] as const)
    expect(await outcome(ALL, await image(format))).toBe('8x4');
  for (const { what, bytes, taken } of await oddImages())
    if (taken === true)
      expect([what, ALL.some(one => one.isOf(bytes.subarray(0, 4096)))]).toEqual([what, false]);
});

test.each([
  ['text', 'no image'],
  ['nothing', ''],
  ['a document that begins later', `<html>${Buffer.from(pdf()).toString('latin1')}`],
  ['an HLS playlist', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'],
  ['a list of files', "ffconcat version 1.0\nfile '/etc/passwd'\n"],
  ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>'],
])('%s is not accepted', async (_, content) => {
  expect(await outcome(ALL, content)).toBe('not-accepted');
});

test('where the program is not installed, files are unsupported and images are made', async () => {
  const without = [pdfPreview({ command: 'no-such-program' }), videoPreview({ command: '/no/such/program' })];
  await expect(made(without, pdf())).rejects.toThrow(/no-such-program is not installed.*apt install/);
  expect(await outcome(without, pdf())).toBe('unsupported');
  expect(await outcome(without, '\0\0\0\x18ftypisom')).toBe('unsupported');
  expect(await outcome(without, await image('png'))).toBe('8x4');
});

test.each([
  () => pdfPreview({ side: 0 }),
  () => pdfPreview({ timeoutSeconds: Number.NaN }),
  () => videoPreview({ atSeconds: -1 }),
  () => videoPreview({ maxPixels: 0 }),
  () => videoPreview({ maxMemoryBytes: '1' as never }),
])('a limit that is none is refused: %s', make => {
  expect(make).toThrow(/must be a number above 0/);
});

describe.skipIf(process.platform === 'win32')('a program', () => {
  /** One of the shell's, in the place of pdftoppm. */
  const drawnBy = (lines: string, limits: Parameters<typeof pdfPreview>[0] = {}): Preview => {
    const command = join(folder.path, `program-${counter++}`);
    writeFileSync(command, `#!/bin/sh\n${lines}\n`);
    chmodSync(command, 0o755);
    return pdfPreview({ ...limits, command });
  };
  const drawn = async (preview: Preview, signal?: AbortSignal): Promise<string> => {
    const own = join(folder.path, `${counter++}`);
    writeFileSync(own, pdf());
    await previewProcessor(AS_DRAWN, [preview]).process({
      input: own,
      output: `${own}-drawn`,
      transformation: { format: 'png' },
      ...(signal ? { signal } : {}),
    });
    return readFileSync(`${own}-drawn`, 'latin1');
  };
  /** One that is dead and that nobody has asked about is none. */
  const isAlive = (pid: string): boolean =>
    /^\s*[^Z\s]/.test(spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).stdout);
  const pidsIn = (path: string): string[] => readFileSync(path, 'latin1').trim().split('\n');
  async function allGone(path: string): Promise<void> {
    const pids = pidsIn(path);
    expect(pids).toHaveLength(2);
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  }

  test('has none of the secrets, no open files but its own, and is in an empty folder', async () => {
    process.env.A_SECRET = 'known to the application';
    try {
      const text = await drawn(drawnBy('/usr/bin/env; echo "files:" *; echo "open:" /proc/self/fd/*'));
      expect(text).not.toContain('A_SECRET');
      expect(text).not.toContain('known to');
      expect(text).toMatch(/^PWD=\S+$/m);
      expect(text).not.toMatch(/^(?:PATH|HOME|USER)=/m);
      expect(text).toContain('files: *');
    } finally {
      delete process.env.A_SECRET;
    }
  });

  test('reads the file by a descriptor, from any place, and cannot write to it', async () => {
    expect(await drawn(drawnBy('head -c 5 /dev/fd/0; tail -c 6 /dev/fd/0'))).toBe('%PDF-%%EOF\n');
    const own = drawnBy('echo changed >&0 || echo kept');
    expect(await drawn(own)).toBe('kept\n');
  });

  test('is killed past its time with all that it has started', async () => {
    const pids = join(folder.path, `pids-${counter++}`);
    const slow = drawnBy(`sleep 1000 & echo $! >${pids}; echo $$ >>${pids}; wait`, { timeoutSeconds: 0.5 });
    await expect(drawn(slow)).rejects.toSatisfy(error => isFieldFileError(error, 'timeout'));
    await allGone(pids);
  });

  test('is killed when its job is given up', async () => {
    const pids = join(folder.path, `pids-${counter++}`);
    const given = new AbortController();
    const slow = drawnBy(`sleep 1000 & echo $! >${pids}; echo $$ >>${pids}; wait`);
    const running = drawn(slow, given.signal);
    running.catch(() => {});
    await expect
      .poll(() => readdirSync(folder.path).some(name => pids.endsWith(name)) && pidsIn(pids).length)
      .toBe(2);
    given.abort();
    await expect(running).rejects.toSatisfy(error => isFieldFileError(error, 'aborted'));
    await allGone(pids);
    await expect(drawn(slow, AbortSignal.abort())).rejects.toSatisfy(error =>
      isFieldFileError(error, 'aborted'),
    );
  });

  test('that fails, dies or draws nothing is an answer, with what it said', async () => {
    const failed = await drawn(drawnBy('echo "it has a password" >&2; exit 1')).catch(error => error);
    expect(failed.code).toBe('not-accepted');
    expect(String(failed.cause)).toContain('it has a password');
    for (const lines of ['kill -SEGV $$', 'exit 0'])
      await expect(drawn(drawnBy(lines))).rejects.toSatisfy(error => isFieldFileError(error, 'not-accepted'));
  });

  test('cannot draw more than it may, or take more memory', async () => {
    const endless = drawnBy('exec cat /dev/zero', { maxOutputBytes: 100_000 });
    await expect(drawn(endless)).rejects.toSatisfy(error => isFieldFileError(error, 'too-large'));
    const hungry = `exec '${process.execPath}' -e 'Buffer.alloc(1e9).fill(1); console.log("had it")'`;
    await expect(drawn(drawnBy(hungry, { maxMemoryBytes: 5e8 }))).rejects.toSatisfy(error =>
      isFieldFileError(error, 'not-accepted'),
    );
  });

  test('runs so many times at once as it may', async () => {
    const log = join(folder.path, `log-${counter++}`);
    const one = drawnBy(`echo begins >>${log}; sleep 0.1; echo ends >>${log}; echo image`);
    await Promise.all([drawn(one), drawn(one), drawn(one)]);
    expect(readFileSync(log, 'latin1')).toBe('begins\nends\n'.repeat(3));
  });

  test('gets no file that is larger than it may be', async () => {
    const small = drawnBy('echo image', { maxInputBytes: 10 });
    await expect(drawn(small)).rejects.toSatisfy(error => isFieldFileError(error, 'too-large'));
  });
});

describe.skipIf(!isInstalled('pdftoppm'))('a PDF', () => {
  test('is shown by its first page', async () => {
    const result = await made(ALL, pdf());
    expect([result.width, result.height]).toEqual([800, 1600]);
    expect(await isBlue(result.bytes)).toBe(true);
    expect((await made([pdfPreview({ side: 100 })], pdf())).height).toBe(100);
  });

  test.each([
    ['with a script', pdf({ catalogue: '/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>' }), '800x1600'],
    ['with a program to start', pdf({ catalogue: '/OpenAction<</S/Launch/F(/bin/sh)>>' }), '800x1600'],
    ['of 100,000 pages', pdf({ pages: 100_000 }), '800x1600'],
    ['of a page that is 200 inches wide', pdf({ width: 14_400, height: 14_400 }), '1600x1600'],
    ['behind a mark of its encoding', Buffer.concat([Buffer.from('\ufeff'), pdf()]), '800x1600'],
    ['without pages', pdf({ pages: 0 }), 'not-accepted'],
    ['with a password', pdf(ENCRYPTED), 'not-accepted'],
    ['of a head alone', Buffer.from('%PDF-1.7\n'), 'not-accepted'],
    ['of noise', Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(10_000, 0xa7)]), 'not-accepted'],
  ])('%s: its documented result', async (_, bytes, expected) => {
    expect(await outcome(ALL, bytes)).toBe(expected);
  });

  test('cut off at every tenth is drawn or not, and nothing else', async () => {
    const whole = pdf({ pages: 3 });
    for (let tenth = 1; tenth < 10; tenth++)
      expect(await outcome(ALL, whole.subarray(0, (whole.length * tenth) / 10))).toMatch(
        /^(?:800x1600|not-accepted)$/,
      );
  });

  test('of an image that is thousands of times its bytes takes nothing of this process', async () => {
    const bomb = pdfWithImage(6000);
    expect(bomb.length).toBeLessThan(1_000_000);
    const before = process.memoryUsage.rss();
    expect(await outcome(ALL, bomb)).toMatch(/^(?:800x1600|not-accepted|timeout)$/);
    expect(process.memoryUsage.rss() - before).toBeLessThan(50_000_000);
  });

  test('that takes long is given up', async () => {
    const endless = pdf({ drawing: '0 0 1 rg 0 0 72 144 re f\n'.repeat(2_000_000) });
    expect(await outcome([pdfPreview({ timeoutSeconds: 0.3 })], endless)).toBe('timeout');
  });
});

describe.skipIf(!isInstalled('ffmpeg'))('a video', () => {
  const mp4 = video(folder.path);

  test.each(FORMATS)('of %s is shown by a frame', async format => {
    const result = await made(ALL, video(folder.path, { format }));
    expect([result.width, result.height]).toEqual([64, 48]);
    expect(await isBlue(result.bytes)).toBe(true);
  });

  test('of a camera, with times between its packets, is shown by a frame', async () => {
    const more = ['-mpegts_m2ts_mode', '1'];
    expect(await outcome(ALL, video(folder.path, { format: 'mpegts', more }))).toBe('64x48');
  });

  test.each(FORMATS)(
    'of %s is shown as it is at that time, and by its first frame where it is shorter',
    async format => {
      const turning = video(folder.path, {
        format,
        more: ['-vf', "drawbox=color=red:t=fill:enable='lt(t,0.5)'"],
      });
      expect(await isBlue((await made([videoPreview({ atSeconds: 1 })], turning)).bytes)).toBe(true);
      const [red = 0] = await middle((await made([videoPreview({ atSeconds: 0 })], turning)).bytes);
      expect(red).toBeGreaterThan(128);
      const [late = 0] = await middle((await made([videoPreview({ atSeconds: 60 })], turning)).bytes);
      expect(late).toBeGreaterThan(128);
    },
  );

  test('is turned as it says, with square pixels, and never larger than asked for', async () => {
    const wide = video(folder.path, { more: ['-vf', 'setsar=2'] });
    expect(await outcome(ALL, wide)).toBe('128x48');
    expect(await outcome([videoPreview({ side: 32 })], mp4)).toBe('32x24');
    expect(await outcome(ALL, turned(mp4))).toBe('48x64');
  });

  test('of sound alone, or with too many pixels, is not accepted', async () => {
    expect(await outcome(ALL, sound(folder.path))).toBe('not-accepted');
    expect(await outcome([videoPreview({ maxPixels: 1000 })], mp4)).toBe('not-accepted');
  });

  test('cut off at every tenth is drawn or not, and nothing else', async () => {
    for (const format of ['mp4', 'webm', 'avi', 'ogg', 'mpegts'] as const) {
      const whole = video(folder.path, { format });
      for (let tenth = 1; tenth < 10; tenth += STEP)
        expect(await outcome(ALL, whole.subarray(0, (whole.length * tenth) / 10))).toMatch(
          /^(?:64x48|not-accepted)$/,
        );
    }
  });

  test('that is a playlist behind the signs of a video opens no file and no address', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked++;
      response.end();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      for (const address of [`http://127.0.0.1:${port}/a.ts`, 'file:///etc/passwd'])
        for (const signs of SIGNS)
          for (const list of [
            `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\n${address}\n#EXT-X-ENDLIST\n`,
            `ffconcat version 1.0\nfile '${address}'\n`,
          ])
            expect(await outcome(ALL, Buffer.from(`${signs}\n${list}`, 'latin1'))).toBe('not-accepted');
      expect(asked).toBe(0);
    } finally {
      await new Promise(resolve => server.close(resolve));
    }
  });
});
