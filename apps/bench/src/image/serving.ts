import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defineFiles, type FieldFile, model, type StoredFile } from '@fieldfile/core';
import { FileSystemStorage } from '@fieldfile/fs';
import { mount, serve, Tokens } from '@fieldfile/http';
import { imageRoute } from '@fieldfile/image/http';
import { ImageVariants, sharpProcessor } from '@fieldfile/image/node';
import { type Comparison, FIELDFILE, type Way } from '../comparison.ts';
import { afterOthers } from '../measure.ts';
import { type Photos, photosIn } from './photos.ts';
import { LARGE } from './pictures.ts';

const REQUESTS = 1000;
const SHARE = 0.95;
const URL_OF_ALL = 'http://127.0.0.1/images/';
const PAGE = { width: 1200, format: 'webp' } as const;

/** A variant that is built, and a file of the same bytes that is a row's own. */
export const serving: readonly Comparison[] = [
  {
    title: `${REQUESTS.toLocaleString('en')} GETs of a variant that is built`,
    ways: {
      'serve, a plain file': way(({ file }) => {
        const request = new Request(URL_OF_ALL);
        return { get: () => serve(request, file, { immutable: true }) };
      }),
      [FIELDFILE]: way(({ photo, variants }) => {
        const request = new Request(URL_OF_ALL);
        return { get: async () => serve(request, await variants.of(photo, PAGE), { immutable: true }) };
      }),
      'mount, a plain file by a signed URL': way(async ({ file }, folder) => {
        const root = join(folder, `signed-${process.pid}`);
        const signingKey = new Uint8Array(32).fill(7);
        const storage = new FileSystemStorage({ root, baseUrl: URL_OF_ALL, signingKey });
        const name = await storage.save('pages/of/one/page.webp', await file.bytes());
        const request = new Request(await storage.url(name));
        const handler = mount(storage);
        return { get: () => handler(request), end: () => rm(root, { recursive: true }) };
      }),
      'imageRoute, by a signed URL': way(async ({ photo, variants, field }) => {
        const tokens = new Tokens({ secrets: new Uint8Array(32).fill(7) });
        const route = imageRoute({ baseUrl: URL_OF_ALL, variants, tokens, fields: [field] });
        const request = new Request(await route.url(photo, PAGE));
        return { get: () => route.handler(request) };
      }),
    },
    bars: [
      { figure: 'wallMs', timesBaseline: 1 / SHARE },
      { figure: 'cpuMs', timesBaseline: 1 / SHARE },
    ],
    rounds: 9,
  },
];

interface Served {
  readonly photo: StoredFile;
  /** As long as the variant. */
  readonly file: StoredFile;
  readonly variants: ImageVariants;
  readonly field: Photos['field'];
}

interface Getting {
  get(): Promise<Response>;
  end?(): Promise<void>;
}

function way(of: (served: Served, folder: string) => Getting | Promise<Getting>): Way {
  return async folder => {
    await using photos = await photosIn(folder, { picture: LARGE, count: 1, journaled: false });
    const [photo] = photos.files;
    if (!photo) throw new Error('There is no photograph.');
    const variants = new ImageVariants({ processor: sharpProcessor(), folder });
    const variant = await variants.of(photo, PAGE);
    await variant.build();
    await using opened = await variant.open();
    const file = await plainFile(photos.storage, await opened.bytes());
    const getting = await of({ photo, file, variants, field: photos.field }, folder);
    try {
      return await afterOthers(async () => {
        for (let index = 0; index < REQUESTS; index++) {
          const response = await getting.get();
          if (response.status !== 200) throw new Error(`A GET was answered with ${response.status}.`);
          await response.arrayBuffer();
        }
      });
    } finally {
      await getting.end?.();
    }
  };
}

interface PageRow {
  id: number;
  page: string | null;
}

/** In as deep a folder as a variant is. */
async function plainFile(storage: FileSystemStorage, bytes: Uint8Array): Promise<StoredFile> {
  const { page } = defineFiles(model<PageRow>()('page', 'id'), {
    page: { storage, uploadTo: 'pages/of/one/' },
  });
  const handle: FieldFile = page.of({ id: 1, page: null });
  await handle.save(bytes, { name: 'page.webp' });
  if (!handle.stored) throw new Error('There is no page.');
  return handle.stored;
}
