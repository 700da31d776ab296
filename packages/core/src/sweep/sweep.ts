import {
  type CallOptions,
  FieldFileError,
  isFieldFileError,
  type ListedObject,
  type Storage,
} from '@fieldfile/storage';
import { compareUtf8, throwIfAborted } from '@fieldfile/storage/backend';
import { infoIfThere } from '@fieldfile/storage/internal';
import { UPLOADS } from '../claim/claimed-object.ts';
import type { Field } from '../field/field.ts';
import type { AnyFileField } from '../field/file-field.ts';
import { ApplicationMarks } from '../journal/application-marks.ts';
import { isReferenced } from '../journal/references.ts';
import { Cursor } from './cursor.ts';
import { DerivedOfRows } from './derived-of-rows.ts';
import { merge, type Pair } from './merge.ts';
import { OddNames } from './odd-names.ts';
import { type Candidate, removeOrphan } from './remove-orphan.ts';
import { rowNames } from './row-names.ts';
import { storageNow } from './storage-now.ts';

export interface SweepOptions extends CallOptions {
  readonly storage: Storage;
  /** Every field of every model that keeps files on that storage: an object none of them names is an orphan. */
  readonly fields: readonly AnyFileField[];
  /** Only names that begin with this. Default: all. */
  readonly prefix?: string;
  /** Go on after this name: the `cursor` of a report or of progress. */
  readonly after?: string;
  /**
   * What becomes of orphans: `'report'` (default) only tells; `'quarantine'` moves them below `fieldfile-quarantine/` on the same
   * storage; `'delete'` removes them.
   */
  readonly orphans?: 'report' | 'quarantine' | 'delete';
  /** Objects younger than this are left alone, by the storage's clock. Default: 86,400, a day. */
  readonly graceSeconds?: number;
  /**
   * Nothing is removed when there are more orphans than this. Default: 1000 orphans, 10 % of the objects; three to ten
   * orphans are more where they are more than half of the objects.
   */
  readonly brake?: { readonly count?: number; readonly share?: number };
  /**
   * Ids of other applications that keep objects at the same location on purpose, as the error `shared-location` names them.
   * Their fields must be among `fields`: what only they name is an orphan.
   */
  readonly sharedWith?: readonly string[];
  /** Sorts a listing whose order is not `utf-8`: `sortOnDisk` of `@fieldfile/core/node`. */
  readonly sort?: (pages: AsyncIterable<readonly ListedObject[]>) => AsyncIterable<readonly ListedObject[]>;
  /** Told of everything found, as it is found. */
  readonly onFinding?: (finding: SweepFinding) => void;
  /** Told after every thousand names. */
  readonly onProgress?: (progress: SweepProgress) => void;
}

/**
 * `'orphan'`: an object no row names. `'missing'`: a row whose object is not there. `'shared'`: an object that several
 * rows name, so that a delete of one is a question for the others. `'refused'`: a row whose name the storage refuses, as
 * others may have written it: `./docs/x`, `docs//x`, or a segment of 300 bytes. What it would be when normalised, `docs/x`,
 * is no orphan.
 */
export interface SweepFinding {
  readonly kind: 'orphan' | 'missing' | 'shared' | 'refused';
  readonly name: string;
  /** `model.field` and key of the rows that name it. */
  readonly rows: readonly { readonly field: string; readonly key: Readonly<Record<string, unknown>> }[];
}

export interface SweepProgress {
  readonly objects: number;
  readonly rows: number;
  readonly orphans: number;
  readonly missing: number;
  readonly shared: number;
  /** Names of rows that the storage refuses. */
  readonly refused: number;
  /** The last name looked at. */
  readonly cursor: string | null;
}

export interface SweepReport extends SweepProgress {
  /** Orphans younger than the grace time, which are not counted as orphans. */
  readonly young: number;
  readonly removed: number;
  /** Orphans that turned out to be named, written or changed when it came to removing them. */
  readonly spared: number;
  /** Set when the brake stopped it: what was found is more than may be removed, and nothing was. */
  readonly braked: string | null;
}

/** Where `'quarantine'` moves objects. A sweep does not look there. */
export const QUARANTINE = 'fieldfile-quarantine/';

/**
 * Compares a storage with the rows, both ways, in constant memory: objects no row names, and rows whose object is not
 * there. The second net, for what predates the journal or went past it. Tells only, unless asked to remove.
 *
 * Every orphan is looked at again before it is removed, by the journal and the rows, and only that version of it goes.
 *
 * A storage is one application's. Each leaves a mark there, by the id in its journal, with its first sweep or
 * `recoverContinuously`; a sweep that finds another's, in the location or in a folder around an orphan, stops. Give each
 * application and each environment a bucket, a `location` or a root of its own. A copy of a database has the id of the
 * original: give its journal another `application`.
 *
 * @throws `shared-location` where another application keeps objects; `invalid-argument` for a storage whose listing has
 * another order and no `sort`; `integrity` when a list is out of order; `aborted`.
 *
 * @example
 * ```ts
 * import type { AnyFileField, Storage } from '@fieldfile/core';
 * import { sweep } from '@fieldfile/core/journal';
 *
 * export async function nightly(storage: Storage, fields: AnyFileField[]): Promise<void> {
 *   const report = await sweep({ storage, fields, orphans: 'quarantine' });
 *   if (report.braked) throw new Error(report.braked);
 *   console.log(JSON.stringify(report));
 * }
 * ```
 */
export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const { storage, signal, prefix = '', orphans = 'report', graceSeconds = 86_400, onProgress } = options;
  const call = signal ? { signal } : {};
  const fields = checkedFields(options);
  const marks = await marked(options, fields, call);
  const oldest = (orphans === 'report' ? Date.now() : await storageNow(storage, call)) - graceSeconds * 1000;
  const count = {
    objects: 0,
    rows: 0,
    orphans: 0,
    missing: 0,
    shared: 0,
    refused: 0,
    young: 0,
    removed: 0,
    spared: 0,
  };
  const brake = new Brake(options.brake);
  const candidates: Candidate[] = [];
  let cursor: string | null = options.after ?? null;
  let looked = 0;
  const find = (kind: SweepFinding['kind'], { name, rows }: Pair): void => {
    count[kind === 'orphan' ? 'orphans' : kind]++;
    const named = rows.map(({ field, key }) => ({ field: field.label, key }));
    options.onFinding?.({ kind, name, rows: named });
  };
  const odd = new OddNames(storage.backend.limits);
  const derived = new DerivedOfRows(storage, fields, call);
  const range = { prefix, after: options.after };
  const examine = async (pair: Pair): Promise<void> => {
    const { object, rows } = pair;
    if (rows.length > 0 && odd.refuses(pair.name)) return find('refused', pair);
    if (rows.length > 1) find('shared', pair);
    if (!object && (await stillMissing(storage, pair, call))) find('missing', pair);
    if (!object || rows.length > 0) return;
    if (odd.hasMet(object.name) || (await derived.isKept(object.name))) return;
    const candidate = await candidateOf(storage, object, fields, call);
    if (candidate && candidate.modifiedMs > oldest) count.young++;
    else if (candidate) {
      await marks.requireAloneAround(object.name);
      find('orphan', pair);
      if (orphans !== 'report' && brake.holds(count.orphans)) candidates.push(candidate);
    }
  };
  await merge(
    listed(options),
    fields.filter(field => field.storage.id === storage.id).map(field => rowNames(field, range, call)),
    pair => {
      const { name, object, rows } = pair;
      cursor = name;
      if (object) count.objects++;
      count.rows += rows.length;
      if (++looked % 1000 === 0) {
        throwIfAborted(signal, 'sweep');
        onProgress?.({ ...count, cursor });
      }
      return object && rows.length === 1 ? undefined : examine(pair);
    },
  );
  const braked = orphans === 'report' ? null : brake.verdict(count.orphans, count.objects);
  if (!braked && candidates.length > 0) await marks.requireAlone();
  if (!braked)
    for (const candidate of candidates) {
      throwIfAborted(signal, 'sweep');
      const quarantine = orphans === 'quarantine' ? QUARANTINE : undefined;
      const gone =
        !odd.hasMet(candidate.name) && (await removeOrphan(storage, candidate, fields, quarantine, call));
      count[gone ? 'removed' : 'spared']++;
    }
  return { ...count, cursor, braked };
}

/** Requires that nobody else keeps objects there, and says who does. */
async function marked(
  { storage, orphans = 'report', sharedWith = [] }: SweepOptions,
  fields: readonly Field[],
  call: CallOptions,
): Promise<ApplicationMarks> {
  const journals = new Set(fields.flatMap(({ model }) => model.binding?.journal ?? []));
  const marks = await ApplicationMarks.of(storage, journals, sharedWith, call);
  try {
    await marks.leaveAlone(fields);
  } catch (error) {
    // Who only looks may do so without the right to write.
    if (orphans !== 'report' || !isFieldFileError(error, 'permission', 'unsupported')) throw error;
    await marks.requireAlone();
  }
  return marks;
}

/** Stops a sweep that would remove more than anybody expects, as after a migration that lost a column. */
class Brake {
  readonly #count: number;
  readonly #share: number;

  constructor({ count = 1000, share = 0.1 }: NonNullable<SweepOptions['brake']> = {}) {
    this.#count = count;
    this.#share = share;
  }

  /** Whether candidates are still worth keeping. */
  holds(orphans: number): boolean {
    return orphans <= this.#count;
  }

  verdict(orphans: number, objects: number): string | null {
    if (orphans > this.#count)
      return `${orphans} orphans are more than brake.count, ${this.#count}: nothing was removed.`;
    if (orphans <= objects * this.#share) return null;
    // A handful is no catastrophe, unless it is nearly all there is: then the fields or the storage are the wrong ones.
    if (orphans <= 2 || (orphans <= 10 && orphans * 2 <= objects)) return null;
    return `${orphans} orphans of ${objects} objects are more than brake.share, ${this.#share}: nothing was removed.`;
  }
}

function listed({ storage, prefix = '', after, sort, signal }: SweepOptions): Cursor<ListedObject> {
  const { listOrder } = storage.backend;
  const inUtf8 = listOrder === 'utf-8';
  if (!inUtf8 && !sort)
    throw new FieldFileError(
      'invalid-argument',
      `Storage "${storage.id}" lists in order "${listOrder}": give sweep \`sort: sortOnDisk()\` of '@fieldfile/core/node'.`,
      { operation: 'sweep', storage: storage.id },
    );
  const pages = storage.listPages(prefix, {
    ...(signal ? { signal } : {}),
    ...(after !== undefined && inUtf8 ? { after } : {}),
  });
  const wanted = wantedOf(pages, inUtf8 ? undefined : after);
  const sorted = inUtf8 || !sort ? wanted : sort(wanted);
  return new Cursor(sorted, object => object.name, `Storage "${storage.id}"`, true);
}

type ObjectPages = AsyncIterable<readonly ListedObject[]>;

async function* wantedOf(pages: ObjectPages, after: string | undefined): ObjectPages {
  const unwanted = ({ name }: ListedObject): boolean =>
    name.startsWith(QUARANTINE) ||
    name.startsWith(UPLOADS) ||
    (after !== undefined && compareUtf8(name, after) <= 0);
  for await (const page of pages) yield page.some(unwanted) ? page.filter(object => !unwanted(object)) : page;
}

/** An object that nobody names now either, with its time and version. */
async function candidateOf(
  storage: Storage,
  { name, lastModified, version }: ListedObject,
  fields: readonly Field[],
  call: CallOptions,
): Promise<Candidate | undefined> {
  if (await isReferenced(fields, storage.id, name, call)) return undefined;
  if (lastModified && version) return { name, modifiedMs: lastModified.getTime(), version };
  const info = await infoIfThere(storage, name, call);
  return info && { name, modifiedMs: info.lastModified.getTime(), version: info.version };
}

/** A row still has the name, and still nothing is there: neither was written since. */
async function stillMissing(storage: Storage, { name, rows }: Pair, call: CallOptions): Promise<boolean> {
  if (await storage.exists(name, call)) return false;
  return isReferenced(
    rows.map(({ field }) => field),
    storage.id,
    name,
    call,
  );
}

/** Without a binding, or on another storage, a field would make every object look like an orphan. */
function checkedFields({ storage, fields }: SweepOptions): readonly Field[] {
  const given = fields as readonly unknown[] as readonly Field[];
  const refuse = (why: string): never => {
    throw new FieldFileError('invalid-argument', `sweep: ${why}.`, {
      operation: 'sweep',
      storage: storage.id,
    });
  };
  if (given.length === 0)
    refuse('give it the fields that keep files on the storage; without any, all would be orphans');
  for (const field of given) {
    if (!field.model.binding) refuse(`${field.label} has no binding to ask for names`);
    if (field.storage.id !== storage.id && field.derived?.storage.id !== storage.id)
      refuse(`${field.label} keeps its files on storage "${field.storage.id}", not "${storage.id}"`);
  }
  return given;
}
