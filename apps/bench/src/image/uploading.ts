import { readFile } from 'node:fs/promises';
import { defineFiles, type FieldOptions, model, type Storage } from '@fieldfile/core';
import { FileSystemStorage } from '@fieldfile/fs';
import { imageField } from '@fieldfile/image';
import { MemoryTable } from '@fieldfile/memory/table';
import { S3Storage } from '@fieldfile/s3';
import { BUCKET, type S3Service, serviceOf, startS3 } from '../cloud/servers.ts';
import { type Comparison, FIELDFILE, type Way } from '../comparison.ts';
import { inFolder } from '../disk/in-folder.ts';
import { afterOthers } from '../measure.ts';
import { LARGE, type Picture, pictureIn, SMALL } from './pictures.ts';

interface PhotoRow {
  id: number;
  image: string | null;
  width: number | null;
  height: number | null;
}

/** As bodies of requests come. */
const CHUNK_BYTES = 64 * 1024;

const SHARE = 0.97;

/** Pictures that arrive as streams, with their width and height in columns beside a field that takes the same types. */
export const uploading: readonly Comparison[] = [
  ...[
    { picture: SMALL, title: '60 pictures of 1 MB', count: 60 },
    { picture: LARGE, title: '20 pictures of 5 MB', count: 20 },
  ].flatMap(({ picture, title, count }) => [
    compare(`upload ${title} to disk`, picture, count, onDisk),
    { ...compare(`upload ${title} to S3`, picture, count, onS3), server: startS3 },
  ]),
];

type WithStorage = (folder: string, run: (storage: Storage) => ReturnType<Way>) => ReturnType<Way>;

function onDisk(folder: string, run: (storage: Storage) => ReturnType<Way>): ReturnType<Way> {
  return inFolder(folder, 'media', root => run(new FileSystemStorage({ root })));
}

async function onS3(folder: string, run: (storage: Storage) => ReturnType<Way>): ReturnType<Way> {
  const { endpoint, region, accessKeyId, secretAccessKey } = await serviceOf<S3Service>(folder);
  return run(
    new S3Storage({
      bucketName: BUCKET,
      endpointUrl: endpoint,
      regionName: region,
      accessKey: accessKeyId,
      secretKey: secretAccessKey,
    }),
  );
}

function compare(title: string, picture: Picture, count: number, within: WithStorage): Comparison {
  const way =
    (field: FieldOptions<PhotoRow>): Way =>
    folder =>
      within(folder, async storage => {
        const bytes = await readFile(await pictureIn(folder, picture));
        const save = saver(storage, field);
        return afterOthers(async round => {
          for (let index = 0; index < count; index++)
            await save(`${process.pid}-${round}-${index}.jpg`, bytes);
        });
      });
  const { accept = [] } = imageField<PhotoRow>();
  return {
    title,
    ways: {
      'a field with the same types': way({ accept }),
      [FIELDFILE]: way(imageField({ columns: { width: 'width', height: 'height' } })),
    },
    bars: [
      { figure: 'wallMs', timesBaseline: 1 / SHARE },
      { figure: 'cpuMs', timesBaseline: 1 / SHARE },
    ],
    rounds: 9,
    prepare: async folder => void (await pictureIn(folder, picture)),
  };
}

function saver(
  storage: Storage,
  field: FieldOptions<PhotoRow>,
): (name: string, bytes: Uint8Array) => Promise<void> {
  const table = new MemoryTable<PhotoRow>({ key: ['id'], files: ['image', 'width', 'height'] });
  const { image } = defineFiles(
    model<PhotoRow>()('photo', 'id'),
    { image: { ...field, storage } },
    table.binding,
  );
  let id = 0;
  return async (name, bytes) => {
    const row: PhotoRow = { id: ++id, image: null, width: null, height: null };
    await table.insert(row);
    await image.of(row).save(chunked(bytes), { name, sizeBytes: bytes.byteLength });
  };
}

function chunked(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.byteLength) return controller.close();
      controller.enqueue(bytes.subarray(at, at + CHUNK_BYTES));
      at += CHUNK_BYTES;
    },
  });
}
