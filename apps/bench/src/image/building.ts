import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageProcessor } from '@fieldfile/image';
import { childProcessor, ImageVariants, sharpProcessor } from '@fieldfile/image/node';
import sharp from 'sharp';
import { type Comparison, FIELDFILE, type Way } from '../comparison.ts';
import { timedWithChildren } from '../measure.ts';
import { type Photos, photosIn } from './photos.ts';
import { LARGE } from './pictures.ts';

/** Photographs of which one variant each is made, one after the other; before them a few that are not measured. */
const PHOTOS = 16;
const BEFORE = 12;

interface Made {
  readonly title: string;
  readonly width: number;
  readonly height?: number;
}

const THUMB: Made = { title: '200 × 200', width: 200, height: 200 };
const PAGE: Made = { title: '1,200 wide', width: 1200 };

const what = ({ title }: Made): string => `make a WebP of ${title} of 12 megapixels`;

/** One variant of each of several photographs: here, and in a child process that is warm. */
export const building: readonly Comparison[] = [THUMB, PAGE].flatMap(made => [
  compare(what(made), made, sharpProcessor, 0.95),
  compare(`${what(made)}, in a warm child`, made, childProcessor, 0.8),
]);

function compare(
  title: string,
  made: Made,
  processor: () => ImageProcessor & Partial<Disposable>,
  share: number,
): Comparison {
  const ours =
    (journaled: boolean): Way =>
    folder =>
      measured(folder, journaled, ({ files }) => {
        const making = processor();
        const variants = new ImageVariants({ processor: making, folder });
        return {
          async make(index) {
            const file = files[index];
            if (file) await (await variants.of(file, { ...sizeOf(made), format: 'webp' })).build();
          },
          end: () => making[Symbol.dispose]?.(),
        };
      });
  const bare =
    (isDurable: boolean): Way =>
    folder =>
      measured(folder, false, ({ files, storage }) => {
        sharp.cache(false);
        return {
          async make(index) {
            const path = storage.path(files[index]?.name ?? '');
            const output = join(folder, `bare-${process.pid}-${index}.webp`);
            await sharp(path, {
              limitInputPixels: 50_000_000,
              pages: 1,
              failOn: 'error',
              sequentialRead: true,
            })
              .autoOrient()
              .resize({ ...sizeOf(made), withoutEnlargement: true })
              .webp()
              .toFile(output);
            if (isDurable) {
              await flushed(output);
              await flushed(folder);
            }
            await rm(output);
          },
        };
      });
  return {
    title,
    ways: {
      'bare sharp, file to file': bare(false),
      'bare sharp, flushed to disk': bare(true),
      [FIELDFILE]: ours(true),
      'FieldFile without a journal': ours(false),
    },
    bars: [
      { figure: 'wallMs', timesBaseline: 1 / share },
      { figure: 'cpuMs', timesBaseline: 1 / share },
    ],
  };
}

interface Maker {
  make(index: number): Promise<void>;
  end?(): void;
}

async function measured(folder: string, journaled: boolean, makerOf: (photos: Photos) => Maker) {
  await using photos = await photosIn(folder, { picture: LARGE, count: PHOTOS + BEFORE, journaled });
  const maker = makerOf(photos);
  try {
    for (let index = 0; index < BEFORE; index++) await maker.make(index);
    return await timedWithChildren(async () => {
      for (let index = BEFORE; index < BEFORE + PHOTOS; index++) await maker.make(index);
    });
  } finally {
    maker.end?.();
  }
}

const sizeOf = ({ width, height }: Made) =>
  height === undefined ? { width } : ({ width, height, fit: 'cover' } as const);

async function flushed(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}
