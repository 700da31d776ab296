import { type Comparison, FIELDFILE, type Figures, type Way } from '../comparison.ts';
import { afterOthers, atOnce, peakRss, timed } from '../measure.ts';
import { bytes, content, GIB, KIB, MIB } from './content.ts';
import { type Connect, fieldFile, type Job, type Jobs, type Library, type Provider } from './jobs.ts';

const SMALL_OBJECTS = 500;
const SMALL_BYTES = 16 * KIB;
const AT_ONCE = 16;

const KEYS = 20_000;
const LISTED = 50;
const LISTINGS = 20;
const STATS = 400;
const SIGNED = 1000;

/** 0.95 of the throughput. */
const NEARLY_AS_FAST = [
  { figure: 'wallMs', timesBaseline: 1 / 0.95 },
  { figure: 'cpuMs', timesBaseline: 1 / 0.95 },
] as const;

/** What is asked of every provider. */
export const cloudComparisons = (provider: Provider): Comparison[] => [
  putSmall(provider),
  putSmall(provider, FRESH),
  getSmall(provider),
  getSmall(provider, FRESH),
  list(provider),
  leave(provider),
  listAll(provider),
  ...(Object.keys(provider.bare.sign).length > 0 ? [sign(provider)] : []),
  stat(provider),
  upload(provider, 'upload', 'length known', 256 * MIB),
  upload(provider, 'uploadUnknown', 'length unknown', 256 * MIB),
  putLarge(provider),
  download(provider, 256 * MIB),
  getLarge(provider),
  { ...upload(provider, 'upload', 'length known', 2 * GIB), rounds: 3, large: true },
  { ...upload(provider, 'uploadUnknown', 'length unknown', 2 * GIB), rounds: 3, large: true },
  { ...download(provider, 2 * GIB), rounds: 3, large: true },
];

/** Opens a library for one job. */
const connectLibrary =
  <J extends Job>({ open }: Library, job: J): Connect<Jobs[J]> =>
  async folder => {
    const run = (await open(folder))[job];
    if (!run) throw new Error(`It cannot ${job}.`);
    return run;
  };

/** Removes an object, which must be whole. */
export async function take(
  { open }: Provider,
  folder: string,
  key: string,
  sizeBytes: number,
): Promise<void> {
  const storage = await open(folder);
  const stored = await storage.info(key);
  if (stored.sizeBytes !== sizeBytes)
    throw new Error(`${stored.sizeBytes} bytes of ${sizeBytes} were stored.`);
  await storage.delete(key);
}

/** A size for titles. */
export const sizeText = (sizeBytes: number): string =>
  sizeBytes < GIB ? `${sizeBytes / MIB} MiB` : `${sizeBytes / GIB} GiB`;

type Rest = Pick<Comparison, 'title'> & Partial<Comparison>;

/** Every bare call, FieldFile, and the rivals that can do the job. */
export function compare<J extends Job>(
  provider: Provider,
  job: J,
  rest: Rest,
  measure: (run: Jobs[J], folder: string) => Promise<Figures>,
): Comparison {
  const way =
    (connect: Connect<Jobs[J]>): Way =>
    async folder =>
      measure(await connect(folder), folder);
  const bare = Object.entries<Connect<Jobs[J]>>(provider.bare[job]).map(
    ([name, connect]) => [name, way(connect)] as const,
  );
  const rivals = Object.entries(provider.rivals)
    .filter(([, { jobs }]) => jobs.includes(job))
    .map(([name, library]) => [name, way(connectLibrary(library, job))] as const);
  const ours = way(connectLibrary(fieldFile(provider.open), job));
  return {
    ways: { ...Object.fromEntries(bare), [FIELDFILE]: ours },
    baselines: bare.map(([name]) => name),
    rivals: Object.fromEntries(rivals),
    bars: NEARLY_AS_FAST,
    server: provider.start,
    ...rest,
  };
}

function upload(
  provider: Provider,
  job: 'upload' | 'uploadUnknown',
  length: string,
  sizeBytes: number,
): Comparison {
  const title = `upload a stream of ${sizeText(sizeBytes)}, ${length}`;
  const rest = { title, serverEachRound: provider.keepsRemoved };
  return compare(provider, job, rest, (run, folder) =>
    storing(provider, folder, sizeBytes, (key, size) => run(key, content(size))),
  );
}

function putLarge(provider: Provider): Comparison {
  const sizeBytes = 256 * MIB;
  const rest = {
    title: `upload ${sizeText(sizeBytes)} from memory`,
    serverEachRound: provider.keepsRemoved,
  };
  return compare(provider, 'put', rest, (run, folder) => {
    const whole = bytes(sizeBytes);
    return storing(provider, folder, sizeBytes, (key, size) => run(key, whole.subarray(0, size)));
  });
}

function download(provider: Provider, sizeBytes: number): Comparison {
  const rest = {
    title: `download a stream of ${sizeText(sizeBytes)}`,
    prepare: (folder: string) => seedLarge(provider, folder, sizeBytes),
  };
  return compare(provider, 'download', rest, run => reading(sizeBytes, run));
}

function getLarge(provider: Provider): Comparison {
  const sizeBytes = 256 * MIB;
  const rest = {
    title: `download ${sizeText(sizeBytes)} into memory`,
    prepare: (folder: string) => seedLarge(provider, folder, sizeBytes),
  };
  return compare(provider, 'get', rest, run => reading(sizeBytes, async key => (await run(key)).byteLength));
}

function putSmall(provider: Provider, { warmUp, told } = WARM): Comparison {
  const rest = { title: `upload ${SMALL_OBJECTS} × 16 KiB, ${AT_ONCE} at a time${told}`, rounds: 10 };
  return compare(provider, 'put', rest, run => {
    const small = bytes(SMALL_BYTES);
    return warmUp(SMALL_OBJECTS, count =>
      atOnce(names(crypto.randomUUID(), count), AT_ONCE, key => run(key, small)),
    );
  });
}

function getSmall(provider: Provider, { warmUp, told } = WARM): Comparison {
  const rest = {
    title: `download ${SMALL_OBJECTS} × 16 KiB, ${AT_ONCE} at a time${told}`,
    rounds: 10,
    prepare: (folder: string) => seedSmall(provider, folder, SMALL_OBJECTS, SMALL_BYTES),
  };
  return compare(provider, 'get', rest, run =>
    warmUp(SMALL_OBJECTS, count =>
      atOnce(names('small', count), AT_ONCE, async key => expect((await run(key)).byteLength, SMALL_BYTES)),
    ),
  );
}

function list(provider: Provider): Comparison {
  const rest = {
    title: `list the first ${LISTED} of ${KEYS} keys, ${LISTINGS} times`,
    prepare: (folder: string) => seedSmall(provider, folder, KEYS, 1),
  };
  return compare(provider, 'first', rest, run =>
    whenWarm(LISTINGS, async count => {
      for (let done = 0; done < count; done++) expect(await run(LISTED), LISTED);
    }),
  );
}

/** Who begins and leaves does not say how many are wanted. */
function leave(provider: Provider): Comparison {
  const rest = {
    title: `list ${KEYS} keys, leaving after ${LISTED}, ${LISTINGS} times`,
    prepare: (folder: string) => seedSmall(provider, folder, KEYS, 1),
  };
  return compare(provider, 'leave', rest, run =>
    whenWarm(LISTINGS, async count => {
      for (let done = 0; done < count; done++) expect(await run(LISTED), LISTED);
    }),
  );
}

function listAll(provider: Provider): Comparison {
  const rest = {
    title: `list all ${KEYS} keys`,
    prepare: (folder: string) => seedSmall(provider, folder, KEYS, 1),
  };
  return compare(provider, 'list', rest, run => whenWarm(1, async () => expect(await run(), KEYS)));
}

/** Made on this machine alone. */
function sign(provider: Provider): Comparison {
  const rest = { title: `sign ${SIGNED} URLs`, rounds: 10 };
  return compare(provider, 'sign', rest, run =>
    whenWarm(SIGNED, async count => {
      for (let done = 0; done < count; done++) await run(`folder/name-${done}.bin`);
    }),
  );
}

function stat(provider: Provider): Comparison {
  const rest = {
    title: `stat, ${STATS} times`,
    rounds: 10,
    prepare: (folder: string) => seedSmall(provider, folder, 1, SMALL_BYTES),
  };
  return compare(provider, 'stat', rest, run =>
    whenWarm(STATS, async count => {
      for (let done = 0; done < count; done++) expect(await run('small-0'), SMALL_BYTES);
    }),
  );
}

/**
 * After another of the same kind, of 256 MiB at the most, since a process that stores files stores many: its code is
 * optimised by then. The resident set is held against that of a client that has stored a byte.
 */
async function storing(
  provider: Provider,
  folder: string,
  sizeBytes: number,
  store: (key: string, sizeBytes: number) => Promise<unknown>,
): Promise<Figures> {
  const stored = new Map<string, number>();
  const next = async (size: number): Promise<unknown> => {
    const key = crypto.randomUUID();
    stored.set(key, size);
    return store(key, size);
  };
  await next(1);
  const figures = await peakRss(async () => {
    await next(warmUpBytes(sizeBytes));
    return timed(() => next(sizeBytes));
  });
  for (const [key, size] of stored) await take(provider, folder, key, size);
  return figures;
}

/** The same for reading what {@link seedLarge} stored. */
async function reading(sizeBytes: number, read: (key: string) => Promise<number>): Promise<Figures> {
  expect(await read('tiny'), 1);
  return peakRss(async () => {
    expect(await read('warm'), warmUpBytes(sizeBytes));
    return timed(async () => expect(await read('large'), sizeBytes));
  });
}

const warmUpBytes = (sizeBytes: number): number => Math.min(sizeBytes, 256 * MIB);

/** Runs something so often, and measures it so, after whatever comes before it. */
type WarmUp = (count: number, run: (count: number) => Promise<unknown>) => Promise<Figures>;

const whenWarm: WarmUp = (count, run) => afterOthers(() => run(count));

const WARM = { warmUp: whenWarm, told: '' };

/** The first of a process, once connections are there and modules loaded, as in a command or a function that starts. */
const FRESH: typeof WARM = {
  warmUp: async (count, run) => {
    await run(AT_ONCE);
    return timed(() => run(count));
  },
  told: ', in a fresh process',
};

/** Stores `large`, `tiny` and, to begin with, `warm`. */
export async function seedLarge({ bare }: Provider, folder: string, sizeBytes: number): Promise<void> {
  const [connect] = Object.values(bare.upload);
  const upload = await connect?.(folder);
  await upload?.('tiny', content(1));
  await upload?.('warm', content(warmUpBytes(sizeBytes)));
  await upload?.('large', content(sizeBytes));
}

async function seedSmall(
  { bare }: Provider,
  folder: string,
  count: number,
  sizeBytes: number,
): Promise<void> {
  const [connect] = Object.values(bare.put);
  const put = await connect?.(folder);
  const small = bytes(sizeBytes);
  if (put) await atOnce(names('small', count), AT_ONCE, key => put(key, small));
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

function expect(found: number, expected: number): void {
  if (found !== expected) throw new Error(`${found} was found instead of ${expected}.`);
}
