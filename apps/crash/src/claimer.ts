import { writeSync } from 'node:fs';
import { configure, isFieldFileError, type StagedFile, Storage } from '@fieldfile/core';
import { mount } from '@fieldfile/http';
import { contentOf, digestOf } from './content.ts';
import { type DocumentRow, Documents } from './documents.ts';
import { openBackend, openDatabase, openJournal, type World } from './world.ts';

/** What a process that claims is told, as JSON in its first argument. */
export interface ClaimerOrder {
  readonly world: World;
  readonly name: string;
  /** It kills itself right before (odd) or right after (even) one of its calls to journal and storage. 0: never. */
  readonly killAt: number;
}

const { world, name, killAt } = JSON.parse(process.argv[2] ?? '{}') as ClaimerOrder;
let moments = 0;

/** Every call is two moments: before it is made, and after it was done. */
function counted<T extends object>(target: T): T {
  return new Proxy(target, {
    get(_, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        const result: unknown = COUNTED.has(property) ? undefined : value.apply(target, given);
        if (!COUNTED.has(property)) return result;
        reach();
        return (async () => {
          const done: unknown = await value.apply(target, given);
          reach();
          return done;
        })();
      };
    },
  });
}

const COUNTED: ReadonlySet<PropertyKey> = new Set([
  ...['begin', 'rename', 'take', 'release', 'resume', 'handBack', 'withdraw', 'isTaken', 'endTaken', 'end'],
  ...['postpone', 'aim', 'create', 'replace', 'undo', 'settle', 'findWrite', 'read', 'remove', 'signUpload'],
]);

function reach(): void {
  moments++;
  if (moments === killAt) process.kill(process.pid, 'SIGKILL');
}

configure({
  onError: error => writeSync(2, `${name}: ${error instanceof Error ? error.stack : String(error)}\n`),
});
await using database = await openDatabase(world);
const journal = counted(openJournal(world, database));
const storage = new Storage(counted(await openBackend(world)));
const documents = new Documents({ database, journal, storage });
const { file } = documents.files;
const serve = mount(storage);
const user = { for: name };

/** Claims, uploads and redeems. */
async function uploaded(seed: number, digest?: string): Promise<StagedFile> {
  const bytes = contentOf(`${name}-${seed}`, 5000);
  const claim = await file.claim({
    ...{ filename: `${name}.bin`, sizeBytes: bytes.byteLength, expiresInSeconds: 1, keepSeconds: 1, ...user },
    ...(digest === undefined ? {} : { digest: { algorithm: 'sha256', base64: digest } }),
  });
  const { method, url, headers } = claim.upload;
  await serve(new Request(url, { method, headers, body: bytes }));
  return file.redeem(claim.token, user);
}

const row: DocumentRow = { id: name, file: null, digest: null, size: null, version: 1 };
try {
  file.set(row, await uploaded(1));
  await documents.insert(row);
  file.set(row, await uploaded(2));
  await documents.update(row);
  await uploaded(3, digestOf(contentOf('another', 5000)).replace('sha256-', '')).then(
    () => writeSync(2, 'a wrong digest was taken\n'),
    error => isFieldFileError(error, 'integrity', 'not-found') || writeSync(2, `${error.stack}\n`),
  );
  await (await uploaded(5)).undo();
  await uploaded(6); // and nobody takes it
} catch (error) {
  // The claims are short: on a busy machine one may be over before it was used.
  if (!isFieldFileError(error, 'intent-lost', 'not-found', 'permission')) throw error;
}
writeSync(1, `done ${moments}\n`);
process.exit();
