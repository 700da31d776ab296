import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FileSystemStorage } from '@fieldfile/fs';
import { type Comparison, FIELDFILE } from '../comparison.ts';
import { peakRss, timed } from '../measure.ts';

const SIZE_BYTES = 4 * 1024 ** 3;
const CHUNK_BYTES = 64 * 1024;

export const comparisons: readonly Comparison[] = [
  {
    title: 'save a stream of 4 GiB and read it back',
    ways: {
      'bare pipelines': async folder => {
        const path = join(folder, 'object');
        try {
          return await peakRss(() =>
            timed(async () => {
              await pipeline(content(), createWriteStream(path, { flush: true }));
              await drain(createReadStream(path));
            }),
          );
        } finally {
          await rm(path);
        }
      },
      [FIELDFILE]: async folder => {
        const root = join(folder, 'storage');
        await mkdir(root);
        const storage = new FileSystemStorage({ root });
        try {
          return await peakRss(() =>
            timed(async () => {
              const name = await storage.save('object', content());
              await using opened = await storage.open(name);
              await drain(opened.stream);
            }),
          );
        } finally {
          await rm(root, { recursive: true });
        }
      },
    },
    bars: [{ figure: 'peakRssMiB', atMost: 80 }],
    rounds: 3,
  },
];

/** A buffer of its own for every chunk, as from a socket. */
async function* content(): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < SIZE_BYTES; sent += CHUNK_BYTES) yield new Uint8Array(CHUNK_BYTES);
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  let read = 0;
  for await (const chunk of body) read += chunk.byteLength;
  if (read !== SIZE_BYTES) throw new Error(`${read} bytes were read back.`);
}
