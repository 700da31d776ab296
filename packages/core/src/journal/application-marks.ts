import {
  type CallOptions,
  FieldFileError,
  isFieldFileError,
  type Storage,
  type WriteId,
} from '@fieldfile/storage';
import { isObjectName, newWriteId } from '@fieldfile/storage/backend';
import { MARKS, reported } from '@fieldfile/storage/internal';
import { type ReferringField, storageIfKnown } from '../field/declared-fields.ts';
import type { Journal } from './journal.ts';

/**
 * Tells the applications apart that keep objects at one location: each leaves a mark there, an object that is called by
 * the id in its journal. Who removes what no row of its own names must be alone.
 *
 * A mark is written first and the others are looked for second, so that of two who come at once one sees the other.
 */
export class ApplicationMarks {
  readonly #storage: Storage;
  readonly #call: CallOptions;
  readonly #own: readonly string[];
  readonly #known: ReadonlySet<string>;
  /** Folders without a mark of others, each in the one before it. */
  #alone: readonly string[] = [];

  private constructor(
    storage: Storage,
    own: readonly string[],
    sharedWith: readonly string[],
    call: CallOptions,
  ) {
    this.#storage = storage;
    this.#own = own;
    this.#known = new Set([...own, ...sharedWith]);
    this.#call = call;
  }

  /** @param sharedWith ids of others, which are there on purpose. */
  static async of(
    storage: Storage,
    journals: Iterable<Journal>,
    sharedWith: readonly string[],
    call: CallOptions,
  ): Promise<ApplicationMarks> {
    const own = new Set<string>();
    for (const journal of journals) if (journal.application) own.add(await journal.application());
    return new ApplicationMarks(storage, [...own], sharedWith, call);
  }

  /**
   * Leaves the marks that are not there yet, and requires that there are no others. Where there are, nothing is left.
   *
   * @throws `shared-location`.
   */
  leaveAlone(fields: Iterable<ReferringField>): Promise<void> {
    return this.leave(fields, () => this.requireAlone());
  }

  /** Leaves the marks that are not there yet, whoever else is. @param check what takes them back again where it fails. */
  async leave(fields: Iterable<ReferringField>, check?: () => Promise<void>): Promise<void> {
    const storage = this.#storage;
    const made: { readonly name: string; readonly writeId: WriteId }[] = [];
    try {
      for (const id of this.#own) {
        const write = { name: MARKS + id, writeId: newWriteId() };
        if (await storage.exists(write.name, this.#call)) continue;
        if (await this.#create(write, textOf(fields))) made.push(write);
      }
      await check?.();
    } catch (error) {
      for (const { name, writeId } of made)
        await reported(async () => void (await storage.undo(name, writeId)));
      throw error;
    }
    for (const { name, writeId } of made) await reported(() => storage.settle(name, writeId));
  }

  /** @throws `shared-location` where another application's mark is in the location. */
  requireAlone(): Promise<void> {
    return this.#require('');
  }

  /**
   * Looks into the folders around an object, too, which may be other applications' locations. Ask in the order of names.
   *
   * @throws `shared-location`.
   */
  async requireAloneAround(name: string): Promise<void> {
    const folders = foldersOf(name);
    const known = this.#alone;
    this.#alone = [];
    for (const [depth, folder] of folders.entries()) {
      if (known[depth] !== folder) await this.#require(folder);
      this.#alone = folders.slice(0, depth + 1);
    }
  }

  /** False: another process of this application was first. */
  async #create({ name, writeId }: { name: string; writeId: WriteId }, text: string): Promise<boolean> {
    try {
      await this.#storage.create(name, text, { ...this.#call, writeId, onTaken: 'fail' });
      return true;
    } catch (error) {
      if (isFieldFileError(error, 'exists')) return false;
      if (isFieldFileError(error) && error.applied === 'unknown')
        await reported(async () => void (await this.#storage.undo(name, writeId)));
      throw error;
    }
  }

  async #require(folder: string): Promise<void> {
    const marks = folder + MARKS;
    if (!isObjectName(`${marks}_`, this.#storage.backend.limits)) return;
    for await (const { name } of this.#storage.list(marks, this.#call))
      if (!this.#known.has(name.slice(marks.length))) throw this.#shared(name, name.slice(marks.length));
  }

  #shared(mark: string, other: string): FieldFileError {
    const own = this.#own.map(id => JSON.stringify(id)).join(', ');
    const us = own === '' ? 'this sweep has no journal that says who it is' : `this one is ${own}`;
    return new FieldFileError(
      'shared-location',
      `Objects on storage "${this.#storage.id}" are another application's, too: ${JSON.stringify(other)}, while ${us}. One would ` +
        'take the objects of the other for orphans: nothing was removed. Give each a bucket, a location or a root of its ' +
        'own. If they share it on purpose, and the fields of both are given here, say so: ' +
        `sharedWith: [${JSON.stringify(other)}]. If there is no such application any more, delete the object ${JSON.stringify(mark)}, ` +
        'which says what it kept here.',
      { operation: 'sweep', storage: this.#storage.id, name: mark },
    );
  }
}

/** `a/` and `a/b/` of `a/b/c`. */
function foldersOf(name: string): string[] {
  const segments = name.split('/').slice(0, -1);
  return segments.map((_, depth) => `${segments.slice(0, depth + 1).join('/')}/`);
}

/** Marks every location of the journal's fields. @param onError told of each that cannot be marked. */
export async function markLocations(
  journal: Journal,
  call: CallOptions,
  onError: (error: unknown) => void,
): Promise<void> {
  for (const [storage, fields] of Map.groupBy(journal.fields, storageIfKnown))
    try {
      if (storage) await (await ApplicationMarks.of(storage, [journal], [], call)).leave(fields);
    } catch (error) {
      onError(error);
    }
}

function textOf(fields: Iterable<ReferringField>): string {
  const labels = [...new Set([...fields].map(({ label }) => label))].sort().slice(0, 50);
  return `An application keeps the files of ${labels.join(', ')} here. Its id is the name of this object. Sweeps of other applications stop where they find it.\n`;
}
