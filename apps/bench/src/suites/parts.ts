import { join } from 'node:path';
import { FileSystemStorage } from '@fieldfile/fs';
import { S3Storage } from '@fieldfile/s3';
import type { Storage } from '@fieldfile/storage';
import { type StoredPart, storageParts } from '@fieldfile/storage/parts';
import { content, MIB } from '../cloud/content.ts';
import { BUCKET, type S3Service, serviceOf, startS3 } from '../cloud/servers.ts';
import { type Bar, type Comparison, FIELDFILE } from '../comparison.ts';
import { inFolder } from '../disk/in-folder.ts';
import { timed } from '../measure.ts';
import { savedOverHttp, uploadedInPieces } from '../parts/over-http.ts';

const SIZE = 256 * MIB;
const PART = 8 * MIB;

/** The same bytes by a plain save, to the same storage. */
const SAVED = 'one streamed save';

interface Place {
  readonly name: string;
  readonly open: (folder: string) => Promise<Storage>;
  readonly server?: NonNullable<Comparison['server']>;
  /** Of the throughput of a plain save. */
  readonly atLeast: number;
}

const disk: Place = {
  name: 'disk',
  open: async folder => new FileSystemStorage({ root: join(folder, 'media') }),
  atLeast: 0.8,
};

const s3: Place = {
  name: 'S3',
  server: startS3,
  atLeast: 0.9,
  async open(folder) {
    const service = await serviceOf<S3Service>(join(folder, '..'));
    return new S3Storage({
      ...{ bucketName: BUCKET, endpointUrl: service.endpoint, regionName: service.region },
      ...{ accessKey: service.accessKeyId, secretKey: service.secretAccessKey },
    });
  },
};

const wallBar = ({ atLeast }: Place): Bar => ({ figure: 'wallMs', timesBaseline: 1 / atLeast });

/** On the disk they take the CPU of a checksum beside a plain save: 15 ms for 256 MiB. */
function inParts(place: Place, how: string, concurrency: number): Comparison {
  return {
    title: `${place.name}: 256 MiB in parts of 8 MiB, ${how}`,
    ways: {
      [SAVED]: folder =>
        inFolder(folder, 'saved', async own => {
          const storage = await place.open(own);
          const figures = await timed(() => storage.save('object', content(SIZE).web(), { sizeBytes: SIZE }));
          await storage.delete('object');
          return figures;
        }),
      [FIELDFILE]: folder =>
        inFolder(folder, 'parts', async own => {
          const storage = await place.open(own);
          const figures = await timed(() => writeParts(storage, concurrency));
          await storage.delete('object');
          return figures;
        }),
    },
    bars: [wallBar(place)],
    ...(place.server ? { server: place.server } : {}),
  };
}

function overHttp(place: Place): Comparison {
  return {
    title: `${place.name}: 256 MiB over HTTP`,
    ways: {
      [SAVED]: folder => inFolder(folder, 'saved', async own => savedOverHttp(await place.open(own), SIZE)),
      [FIELDFILE]: folder =>
        inFolder(folder, 'pieces', async own => uploadedInPieces(own, await place.open(own), SIZE)),
    },
    bars: [wallBar(place), { ...wallBar(place), figure: 'cpuMs' }],
    ...(place.server ? { server: place.server, serverEachRound: true } : {}),
  };
}

async function writeParts(storage: Storage, concurrency: number): Promise<void> {
  const parts = storageParts(storage);
  if (!parts) throw new Error(`${storage.id} writes no parts.`);
  const write = await parts.begin('object');
  const stored: StoredPart[] = [];
  const numbers = Array.from({ length: SIZE / PART }, (_, index) => index + 1).values();
  const lane = async (): Promise<void> => {
    for (const number of numbers) {
      const place = { number, offset: (number - 1) * PART };
      stored[number - 1] = await parts.writePart(write, place, content(PART).web(), { sizeBytes: PART });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  await parts.complete(write, stored);
  await storage.settle(write.name, write.writeId);
}

export const comparisons: readonly Comparison[] = [disk, s3].flatMap(place => [
  inParts(place, 'one after another', 1),
  inParts(place, 'four at once', 4),
  overHttp(place),
]);
