import { defineFiles, type FieldFile, type FileField, model } from '@fieldfile/core';
import { type Comparison, FIELDFILE, type Figures } from '../comparison.ts';
import { liveHeapBytes } from '../measure.ts';

const COUNT = 100_000;
const ACCESSED_ROWS = 1000;
const ACCESSES = 20_000_000;
/** As many calls as it takes until they are optimised. */
const WARM_UPS = 10_000;

interface UserRow {
  id: number;
  avatar: string | null;
}

const users: { readonly avatar: FileField<UserRow, 'id', 'avatar'> } = defineFiles(
  model<UserRow>()('user', 'id'),
  { avatar: {} },
);

class Photo {
  declare id: number;
  declare image: FieldFile<Photo>;
}

const photos: { readonly image: FileField<Photo, never, 'image'> } = defineFiles(Photo, { image: {} });

class PlainPhoto {
  declare id: number;
  declare image: string;
}

const plainRows = Array.from({ length: ACCESSED_ROWS }, (_, id): UserRow => ({ id, avatar: nameOf(id) }));
const photoRows = hydrate(Photo, ACCESSED_ROWS, (photo, name) => photos.image.load(photo, name));

const AT_MOST_300_BYTES = [{ figure: 'bytesEach', atMost: 300 }] as const;

export const comparisons: readonly Comparison[] = [
  {
    title: 'memory of a held handle beside its name, its row collected',
    ways: {
      [FIELDFILE]: async () => {
        const names = Array.from({ length: COUNT }, (_, id) => nameOf(id));
        const handles: FieldFile[] = new Array(COUNT).fill(users.avatar.of({ id: 0, avatar: null }));
        return heapGrowth(async () => {
          for (let id = 0; id < COUNT; id++) handles[id] = users.avatar.of({ id, avatar: names[id] ?? null });
          await turn();
          return handles;
        });
      },
    },
    bars: AT_MOST_300_BYTES,
    rounds: 3,
  },
  {
    title: 'memory of a held handle beside its name and its row',
    ways: {
      [FIELDFILE]: async () => {
        const rows = Array.from({ length: COUNT }, (_, id): UserRow => ({ id, avatar: nameOf(id) }));
        const handles: FieldFile[] = new Array(COUNT).fill(users.avatar.of({ id: 0, avatar: null }));
        return heapGrowth(async () => {
          for (const [index, row] of rows.entries()) handles[index] = users.avatar.of(row);
          await turn();
          return [rows, handles];
        });
      },
    },
    bars: AT_MOST_300_BYTES,
    rounds: 3,
  },
  {
    title: 'memory of a row nobody touches',
    ways: {
      'a column with a text': () =>
        heapGrowth(async () => hydrate(PlainPhoto, COUNT, (photo, name) => (photo.image = name))),
      [FIELDFILE]: () =>
        heapGrowth(async () => hydrate(Photo, COUNT, (photo, name) => photos.image.load(photo, name))),
    },
    bars: [{ figure: 'bytesEach', timesBaseline: 1.02 }],
    rounds: 3,
  },
  {
    title: 'field.of(row), repeated',
    ways: {
      'WeakMap.get': async () => access(plainRows, bareLookUp(plainRows)),
      [FIELDFILE]: async () => access(plainRows, row => users.avatar.of(row)),
    },
    bars: [{ figure: 'nanosecondsEach', timesBaseline: 3 }],
  },
  {
    title: 'row.f of a class, repeated',
    ways: {
      'WeakMap.get': async () => access(photoRows, bareLookUp(photoRows)),
      [FIELDFILE]: async () => access(photoRows, photo => photo.image),
    },
    bars: [{ figure: 'nanosecondsEach', timesBaseline: 3 }],
  },
  ...[
    { label: '1 kB', bytes: 1024, count: 200_000 },
    { label: '100 kB', bytes: 100 * 1024, count: 4000 },
    { label: '10 MB', bytes: 10 * 1024 ** 2, count: 60 },
  ].map(
    ({ label, bytes, count }): Comparison => ({
      title: `the first touch of a row of ${label}`,
      ways: {
        'WeakRef and WeakMap.set': async () => firstTouch(bytes, count, bareTouch()),
        [FIELDFILE]: async () => firstTouch(bytes, count, row => users.avatar.of(row)),
      },
    }),
  ),
];

function nameOf(id: number): string {
  return `avatars/${id}/portrait.png`;
}

/** The next turn of the event loop: until then, V8 keeps what a WeakRef was made to. */
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** What a run leaves on the heap through what it returns, for each of `COUNT`. */
async function heapGrowth(run: () => Promise<unknown>): Promise<Figures> {
  const before = liveHeapBytes();
  const held = await run();
  const after = liveHeapBytes();
  if (held === undefined) throw new Error('Nothing was held.');
  return { bytesEach: (after - before) / COUNT };
}

function hydrate<Row extends object>(
  Class: new () => Row & { id: number },
  count: number,
  load: (row: Row, name: string) => void,
): Row[] {
  return Array.from({ length: count }, (_, id) => {
    const row = new Class();
    row.id = id;
    load(row, nameOf(id));
    return row;
  });
}

/** The same few rows again and again. */
function access<Row extends object>(rows: readonly Row[], lookUp: (row: Row) => object | undefined): Figures {
  run(rows, lookUp, ACCESSES / 10); // optimised from here on
  const start = performance.now();
  run(rows, lookUp, ACCESSES);
  return { nanosecondsEach: ((performance.now() - start) * 1e6) / ACCESSES };
}

function run<Row extends object>(
  rows: readonly Row[],
  lookUp: (row: Row) => object | undefined,
  times: number,
): void {
  let found = 0;
  for (let done = 0; done < times; done += rows.length)
    for (const row of rows) if (lookUp(row) !== undefined) found++;
  if (found < times) throw new Error('A look-up found nothing.');
}

function bareLookUp<Row extends object>(rows: readonly Row[]): (row: Row) => object | undefined {
  const known = new WeakMap(rows.map(row => [row, { row: undefined }]));
  return row => known.get(row);
}

/** What it costs to touch rows that were just fetched, without what it costs to fetch them. */
async function firstTouch(bytes: number, count: number, touch: (row: UserRow) => object): Promise<Figures> {
  const json = JSON.stringify('b'.repeat(bytes));
  const atOnce = Math.ceil(1024 ** 2 / bytes);
  for (let id = 0; id < WARM_UPS; id++) touch({ id, avatar: nameOf(id) });
  let milliseconds = 0;
  let touched = 0;
  while (touched < count) {
    const rows = Array.from({ length: atOnce }, (_, id) => ({
      id,
      avatar: nameOf(id),
      text: JSON.parse(json) as unknown,
    }));
    const start = performance.now();
    for (const row of rows) touch(row);
    milliseconds += performance.now() - start;
    touched += atOnce;
    await turn();
  }
  return { nanosecondsEach: (milliseconds * 1e6) / touched };
}

function bareTouch(): (row: UserRow) => object {
  const known = new WeakMap<UserRow, { readonly weak: WeakRef<UserRow> }>();
  return row => {
    const record = { weak: new WeakRef(row) };
    known.set(row, record);
    return record;
  };
}
