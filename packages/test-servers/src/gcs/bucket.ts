import type { Body } from './body.ts';
import { conflict, noSuchBucket, noSuchObject } from './gcs-error.ts';
import { checkBeforeWrite, type Preconditions } from './preconditions.ts';
import { SortedNames } from './sorted-names.ts';
import { nextGeneration, type ObjectAttributes, type StoredObject } from './stored-object.ts';

/** What a write puts in place of the live object of its name. */
export interface NewObject {
  readonly name: string;
  readonly body: Body;
  readonly attributes: ObjectAttributes;
  readonly isPublic: boolean;
  readonly componentCount?: number | undefined;
}

/**
 * The objects of one bucket. Every method runs without awaiting anything, so that checking a condition and
 * acting on it is one step: of any number of writers that ask for generation 0, exactly one gets through.
 */
export class Bucket {
  readonly name: string;
  readonly created: Date = new Date();
  /** Bucket settings a client may patch; only `versioning` changes what the server does. */
  settings: Readonly<Record<string, unknown>> = {};
  metageneration = 1n;
  readonly #live = new Map<string, StoredObject>();
  readonly #noncurrent = new Map<string, readonly StoredObject[]>();
  readonly #names = new SortedNames();
  #isDeleted = false;

  constructor(name: string) {
    this.name = name;
  }

  /** Names with a live object or, in a versioned bucket, an older generation, in byte order. */
  get names(): Pick<SortedNames, 'first' | 'after'> {
    return this.#names;
  }

  get keepsVersions(): boolean {
    const { versioning } = this.settings;
    return typeof versioning === 'object' && versioning !== null && 'enabled' in versioning
      ? versioning.enabled === true
      : false;
  }

  find(name: string, generation?: bigint): StoredObject | undefined {
    const live = this.#live.get(name);
    if (generation === undefined || live?.generation === generation) return live;
    return this.#noncurrent.get(name)?.find(version => version.generation === generation);
  }

  get(name: string, generation?: bigint): StoredObject {
    const found = this.find(name, generation);
    if (found === undefined) throw noSuchObject(this.name, name);
    return found;
  }

  /** Every generation of a name, oldest first. */
  versions(name: string): readonly StoredObject[] {
    const live = this.#live.get(name);
    return [...(this.#noncurrent.get(name) ?? []), ...(live ? [live] : [])];
  }

  /** Makes `body` the live object, or throws 412 and leaves everything as it was. */
  put(added: NewObject, conditions: Preconditions): StoredObject {
    if (this.#isDeleted) throw noSuchBucket();
    const before = this.#live.get(added.name);
    checkBeforeWrite(before, conditions);
    const now = new Date();
    const object: StoredObject = {
      ...added,
      bucket: this.name,
      generation: nextGeneration(),
      metageneration: 1n,
      created: now,
      updated: now,
    };
    if (before) this.#retire(before);
    this.#live.set(object.name, object);
    this.#names.add(object.name);
    return object;
  }

  /** Gives one generation new attributes under its next metageneration. */
  update(
    name: string,
    generation: bigint | undefined,
    conditions: Preconditions,
    change: (before: StoredObject) => ObjectAttributes,
  ): StoredObject {
    const before = this.get(name, generation);
    checkBeforeWrite(before, conditions);
    const after: StoredObject = {
      ...before,
      attributes: change(before),
      metageneration: before.metageneration + 1n,
      updated: new Date(),
    };
    if (this.#live.get(name) === before) this.#live.set(name, after);
    else
      this.#noncurrent.set(
        name,
        (this.#noncurrent.get(name) ?? []).map(one => (one === before ? after : one)),
      );
    return after;
  }

  /** Removes the live object, or with a generation that one for good. */
  delete(name: string, generation: bigint | undefined, conditions: Preconditions): void {
    const object = this.get(name, generation);
    checkBeforeWrite(object, conditions);
    if (this.#live.get(name) === object) {
      this.#live.delete(name);
      if (generation === undefined) this.#retire(object);
      else object.body.release();
    } else {
      this.#noncurrent.set(
        name,
        (this.#noncurrent.get(name) ?? []).filter(version => version !== object),
      );
      object.body.release();
    }
    if (this.versions(name).length === 0) {
      this.#noncurrent.delete(name);
      this.#names.delete(name);
    }
  }

  /** Refuses what is still under way and what would come later. */
  close(): void {
    if (this.#names.first('') !== undefined) {
      throw conflict('BucketNotEmpty', 'The bucket you tried to delete is not empty.');
    }
    this.#isDeleted = true;
  }

  #retire(object: StoredObject): void {
    if (!this.keepsVersions) {
      object.body.release();
      return;
    }
    const older = this.#noncurrent.get(object.name) ?? [];
    this.#noncurrent.set(object.name, [...older, { ...object, deleted: new Date() }]);
  }
}
