import { createReadStream, createWriteStream } from 'node:fs';
import { link, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FileSystemStorage } from '@fieldfile/fs';
import { type Comparison, FIELDFILE, type Way } from '../comparison.ts';
import { inFolder } from '../disk/in-folder.ts';
import { listings } from '../disk/listings.ts';
import { smallFiles } from '../disk/small.ts';
import { timed } from '../measure.ts';

const KIB = 1024;
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** 0.9 of the throughput. */
const NEARLY_AS_FAST = { figure: 'wallMs', timesBaseline: 1 / 0.9 } as const;

export const comparisons: readonly Comparison[] = [
  ...smallFiles,
  ...listings,
  save('256 MiB in chunks of 1 MiB', () => chunks(256 * MIB, MIB)),
  save('256 MiB in chunks of 64 KiB', () => chunks(256 * MIB, 64 * KIB)),
  {
    ...save('256 MiB from a Node stream of 64 KiB', () => nodeStream(256 * MIB, 64 * KIB)),
    bars: [{ figure: 'wallMs', timesBaseline: 1.05 }],
    rounds: 15,
  },
  read('256 MiB', 256 * MIB),
  save('2 GiB in chunks of 1 MiB', () => chunks(2 * GIB, MIB)),
  save('2 GiB in chunks of 64 KiB', () => chunks(2 * GIB, 64 * KIB)),
  read('2 GiB', 2 * GIB),
];

function save(what: string, content: () => AsyncIterable<Uint8Array>): Comparison {
  const bare =
    (writeBytes: number): Way =>
    folder =>
      inFolder(folder, 'bare', directory => timed(() => bareSave(directory, content(), writeBytes)));
  return {
    title: `save ${what}`,
    ways: {
      'bare pipeline, writes of 1 MiB': bare(MIB),
      'bare pipeline, writes of 64 KiB': bare(64 * KIB),
      [FIELDFILE]: folder =>
        inFolder(folder, 'storage', root => {
          const storage = new FileSystemStorage({ root });
          return timed(() => storage.save('object', content()));
        }),
    },
    bars: [NEARLY_AS_FAST],
  };
}

function read(size: string, sizeBytes: number): Comparison {
  const name = size.replace(' ', '-');
  const stored = (folder: string): FileSystemStorage => new FileSystemStorage({ root: join(folder, 'read') });
  const bare =
    (highWaterMark: number): Way =>
    folder => {
      const path = stored(folder).path(name);
      return timed(() => drain(createReadStream(path, { highWaterMark })));
    };
  return {
    title: `read ${size}`,
    ways: {
      'bare stream, reads of 1 MiB': bare(MIB),
      'bare stream as it comes': bare(64 * KIB),
      [FIELDFILE]: folder => {
        const storage = stored(folder);
        return timed(async () => {
          await using opened = await storage.open(name);
          await drain(opened.stream);
        });
      },
    },
    bars: [NEARLY_AS_FAST],
    async prepare(folder) {
      if (!(await stored(folder).exists(name))) await stored(folder).save(name, chunks(sizeBytes, MIB));
    },
  };
}

/** Never overwrites, whole or absent, durable when it returns: what FieldFile promises, by hand. */
async function bareSave(
  directory: string,
  content: AsyncIterable<Uint8Array>,
  writeBytes: number,
): Promise<void> {
  const temporary = join(directory, 'object.tmp');
  // What gathers in the buffer is written by one call.
  const file = createWriteStream(temporary, { flags: 'wx', flush: true, highWaterMark: writeBytes });
  await pipeline(content, file);
  await publish(directory, temporary, 'object');
}

async function publish(directory: string, temporary: string, name: string): Promise<void> {
  await link(temporary, join(directory, name));
  await unlink(temporary);
  await using folder = await open(directory, 'r');
  await folder.sync();
}

/** The same chunk again and again: what is measured is the writing. */
async function* chunks(sizeBytes: number, chunkBytes: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(chunkBytes, 'x');
  for (let left = sizeBytes; left > 0; left -= chunkBytes) yield chunk;
}

function nodeStream(sizeBytes: number, chunkBytes: number): Readable {
  const chunk = Buffer.alloc(chunkBytes, 'x');
  let left = sizeBytes;
  return new Readable({
    read() {
      this.push(left > 0 ? chunk : null);
      left -= chunkBytes;
    },
  });
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of body) chunk.byteLength;
}
