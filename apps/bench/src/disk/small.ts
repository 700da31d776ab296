import { link, mkdir, open, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileSystemStorage, type FileSystemStorageOptions } from '@fieldfile/fs';
import { type Connect, fieldFile, type Library } from '../cloud/jobs.ts';
import { type Bar, type Comparison, FIELDFILE, type Figures, type Way } from '../comparison.ts';
import { afterOthers, atOnce, timed } from '../measure.ts';
import { inFolder } from './in-folder.ts';
import { RIVALS } from './rivals.ts';

const FILES = 500;
const SIZE_BYTES = 16 * 1024;
const AT_ONCE = 16;
const WHAT = `${FILES} × 16 KiB, ${AT_ONCE} at a time`;

/** Below the root, as files of rows are. */
const FOLDER = 'small';

/** How long a process has run before it is measured. */
interface Temperature {
  readonly title: string;
  readonly measure: (run: (round: string) => Promise<unknown>) => Promise<Figures>;
}

/** After one file of each worker: nothing is optimised yet, as in a script or a function in the cloud. */
const COLD: Temperature = {
  title: ', cold process',
  async measure(run) {
    await run('before');
    return timed(() => run('measured'));
  },
};

/** As in a server that runs. */
const WARM: Temperature = { title: '', measure: run => afterOthers(round => run(`measured-${round}`)) };

/** Many small files, each as a whole. */
export const smallFiles: readonly Comparison[] = [
  read(COLD, 1.5),
  read(WARM, 1.25),
  save(COLD, 1.15, 1.2),
  save(WARM, 1.15, 1.2),
  saveUnflushed(COLD, 1.4),
  saveUnflushed(WARM, 1.4),
];

function bars(wall: number, cpu?: number): readonly Bar[] {
  const bar: Bar = { figure: 'wallMs', timesBaseline: wall };
  return cpu === undefined ? [bar] : [bar, { figure: 'cpuMs', timesBaseline: cpu }];
}

function read({ title, measure }: Temperature, wall: number): Comparison {
  const root = (folder: string): string => join(folder, 'read');
  const reading =
    (connect: Connect<Get>): Way =>
    async folder => {
      const get = await connect(root(folder));
      return measure(round =>
        atOnce(round === 'before' ? names('file', AT_ONCE) : names('file', FILES), AT_ONCE, async name => {
          const { byteLength } = await get(name);
          if (byteLength !== SIZE_BYTES) throw new Error(`${byteLength} bytes of ${name} were read.`);
        }),
      );
    };
  return {
    title: `read ${WHAT}${title}`,
    ways: {
      'bare readFile': reading(async root => name => readFile(join(root, name))),
      [FIELDFILE]: reading(getter(fieldFile(storage()))),
    },
    rivals: each(RIVALS, library => reading(getter(library))),
    bars: bars(wall),
    rounds: 15,
    async prepare(folder) {
      if ((await mkdir(join(root(folder), FOLDER), { recursive: true })) === undefined) return;
      for (const name of names('file', FILES)) await writeFile(join(root(folder), name), content());
    },
  };
}

/** What FieldFile promises, by hand: never overwrites, whole or absent, durable when it returns. */
function save(temperature: Temperature, wall: number, cpu?: number): Comparison {
  return {
    title: `save ${WHAT}${temperature.title}`,
    ways: {
      'bare temp, fsync, link': saving(temperature, async root => async (name, bytes) => {
        const path = join(root, name);
        const temporary = `${path}.tmp`;
        {
          await using file = await open(temporary, 'wx');
          await file.write(bytes);
          await file.sync();
        }
        await link(temporary, path);
        await unlink(temporary);
        await using folder = await open(join(root, FOLDER), 'r');
        await folder.sync();
      }),
      [FIELDFILE]: saving(temperature, putter(fieldFile(storage()))),
    },
    bars: bars(wall, cpu),
    rounds: 15,
  };
}

/** The others flush nothing, either; that they overwrite, and show files that are half written, is their own. */
function saveUnflushed(temperature: Temperature, wall: number): Comparison {
  const durability = 'process-crash';
  return {
    title: `save ${WHAT}, ${durability}${temperature.title}`,
    ways: {
      'bare writeFile': saving(temperature, async root => async (name, bytes) => {
        await writeFile(join(root, name), bytes, { flag: 'wx' });
      }),
      [FIELDFILE]: saving(temperature, putter(fieldFile(storage({ durability })))),
    },
    rivals: each(RIVALS, library => saving(temperature, putter(library))),
    bars: bars(wall),
    rounds: 15,
  };
}

function saving({ measure }: Temperature, connect: Connect<Put>): Way {
  return folder =>
    inFolder(folder, 'saved', async root => {
      await mkdir(join(root, FOLDER));
      const put = await connect(root);
      const bytes = content();
      return measure(round =>
        atOnce(names(round, round === 'before' ? AT_ONCE : FILES), AT_ONCE, name => put(name, bytes)),
      );
    });
}

type Bytes = Uint8Array<ArrayBuffer>;
type Get = (name: string) => Promise<Uint8Array>;
type Put = (name: string, bytes: Bytes) => Promise<unknown>;

function storage(options: Partial<FileSystemStorageOptions> = {}): Connect<FileSystemStorage> {
  return async root => new FileSystemStorage({ ...options, root });
}

function getter({ open }: Library): Connect<Get> {
  return async root => job((await open(root)).get);
}

function putter({ open }: Library): Connect<Put> {
  return async root => job((await open(root)).put);
}

function job<T>(run: T | undefined): T {
  if (!run) throw new Error('That library cannot do it.');
  return run;
}

function each<From, To>(ways: Readonly<Record<string, From>>, make: (way: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, make(way)]));
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${FOLDER}/${prefix}-${index}`);

const content = (): Bytes => new Uint8Array(SIZE_BYTES).fill(120);
