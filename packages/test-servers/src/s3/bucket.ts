import { randomBytes } from 'node:crypto';
import type { Checksum, ChecksumAlgorithm, ChecksumType } from './checksums.ts';
import type { StoredFile } from './file-store.ts';
import type { ObjectHeaders } from './object-headers.ts';
import { SortedMap } from './sorted-map.ts';

/** Everything of an object but the place it gets in its bucket. */
export interface ObjectContent {
  /** Its bytes, one file after the other. */
  readonly files: readonly StoredFile[];
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly headers: ObjectHeaders;
  readonly tags: ReadonlyMap<string, string>;
  /** Whether anonymous requests may read it (the ACL `public-read`). */
  readonly isPublic: boolean;
  readonly checksum: Checksum | undefined;
  /** Sizes of the parts of a multipart upload. */
  readonly partSizes: readonly number[] | undefined;
}

/** One version of an object. */
export interface StoredObject extends ObjectContent {
  readonly key: string;
  /** `null` in a bucket without versioning. */
  readonly versionId: string;
  readonly modified: Date;
}

/** What a DELETE leaves in a bucket with versioning. */
export interface DeleteMarker {
  readonly key: string;
  readonly versionId: string;
  readonly modified: Date;
  readonly files?: undefined;
}

/** A part that was uploaded. */
export interface Part {
  readonly number: number;
  readonly file: StoredFile;
  /** Without quotes. */
  readonly etag: string;
  readonly modified: Date;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: Buffer } | undefined;
}

/** A multipart upload between its creation and its completion or abortion. */
export interface MultipartUpload extends Pick<ObjectContent, 'headers' | 'tags' | 'isPublic'> {
  readonly id: string;
  readonly key: string;
  readonly initiated: Date;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType } | undefined;
  readonly parts: Map<number, Part>;
}

/** Whether a key was deleted since somebody began to watch it. */
export interface KeyWatch extends Disposable {
  readonly deleted: boolean;
}

/** Keys and their versions, newest first. Every change is one synchronous step, so that conditions cannot race. */
export class Bucket {
  readonly name: string;
  readonly created: Date = new Date();
  /** Whether its objects may have ACLs; new buckets of the service refuse them. */
  readonly allowsAcls: boolean;
  versioning: 'Enabled' | 'Suspended' | undefined;
  readonly versions: SortedMap<readonly (StoredObject | DeleteMarker)[]> = new SortedMap();
  /** Unfinished multipart uploads by key, oldest first. */
  readonly uploads: SortedMap<readonly MultipartUpload[]> = new SortedMap();
  readonly #watches = new Map<string, Set<{ deleted: boolean }>>();

  constructor(name: string, allowsAcls = false) {
    this.name = name;
    this.allowsAcls = allowsAcls;
  }

  /** The newest version, or what its deletion left. */
  newest(key: string): StoredObject | DeleteMarker | undefined {
    return this.versions.get(key)?.[0];
  }

  /** The object a request without a version id sees. */
  current(key: string): StoredObject | undefined {
    const newest = this.newest(key);
    return newest?.files === undefined ? undefined : newest;
  }

  put(key: string, content: ObjectContent): StoredObject {
    const object = { ...content, key, versionId: this.#newVersionId(), modified: new Date() };
    this.#add(object);
    return object;
  }

  /** Deletes as a request without a version id does; returns the marker, if one is left. */
  remove(key: string): DeleteMarker | undefined {
    if (this.current(key) !== undefined)
      for (const watch of this.#watches.get(key) ?? []) watch.deleted = true;
    if (this.versioning === undefined) {
      this.removeVersion(key, 'null');
      return undefined;
    }
    const marker = { key, versionId: this.#newVersionId(), modified: new Date() };
    this.#add(marker);
    return marker;
  }

  /** Deletes one version for good and returns it. */
  removeVersion(key: string, versionId: string): StoredObject | DeleteMarker | undefined {
    const versions = this.versions.get(key) ?? [];
    const removed = versions.find(version => version.versionId === versionId);
    const kept = versions.filter(version => version !== removed);
    if (kept.length > 0) this.versions.set(key, kept);
    else this.versions.delete(key);
    for (const file of removed?.files ?? []) file.release();
    return removed;
  }

  /** Replaces a version's tags. */
  tag(object: StoredObject, tags: ReadonlyMap<string, string>): void {
    const versions = this.versions.get(object.key) ?? [];
    this.versions.set(
      object.key,
      versions.map(version => (version === object ? { ...object, tags } : version)),
    );
  }

  watch(key: string): KeyWatch {
    const watch = { deleted: false };
    const watches = this.#watches.get(key) ?? new Set();
    this.#watches.set(key, watches.add(watch));
    return {
      get deleted() {
        return watch.deleted;
      },
      [Symbol.dispose]: () => {
        watches.delete(watch);
        if (watches.size === 0 && this.#watches.get(key) === watches) this.#watches.delete(key);
      },
    };
  }

  #add(version: StoredObject | DeleteMarker): void {
    if (version.versionId === 'null') this.removeVersion(version.key, 'null');
    this.versions.set(version.key, [version, ...(this.versions.get(version.key) ?? [])]);
  }

  #newVersionId(): string {
    return this.versioning === 'Enabled' ? randomBytes(24).toString('base64url') : 'null';
  }
}
