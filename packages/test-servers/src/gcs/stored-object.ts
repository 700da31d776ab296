import type { Body } from './body.ts';

/** What a client may say about an object beside its bytes. */
export interface ObjectAttributes {
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentLanguage?: string | undefined;
  readonly cacheControl?: string | undefined;
  readonly customTime?: string | undefined;
  readonly storageClass?: string | undefined;
  readonly kmsKeyName?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** One state of one generation of an object. Never changed: a new state is a new record. */
export interface StoredObject {
  readonly bucket: string;
  readonly name: string;
  readonly generation: bigint;
  readonly metageneration: bigint;
  readonly body: Body;
  readonly attributes: ObjectAttributes;
  /** How many objects it was composed of; undefined for one that was uploaded. */
  readonly componentCount?: number | undefined;
  /** Readable without credentials, by the `publicRead` predefined ACL. */
  readonly isPublic: boolean;
  readonly created: Date;
  readonly updated: Date;
  /** When it stopped being the live generation. */
  readonly deleted?: Date | undefined;
}

let lastGeneration = 0n;

/** A generation later than every other: microseconds since 1970, as the service's look. */
export function nextGeneration(): bigint {
  const now = BigInt(Date.now()) * 1000n;
  lastGeneration = now > lastGeneration ? now : lastGeneration + 1n;
  return lastGeneration;
}

/** The JSON API's entity tag, opaque and different for every state of an object. */
export function entityTag(object: StoredObject): string {
  return Buffer.from(`${object.generation}/${object.metageneration}`).toString('base64');
}

/** The XML API's entity tag: the MD5 of the bytes where there is one. */
export function xmlEntityTag(object: StoredObject): string {
  const { md5 } = object.body;
  return `"${md5 === undefined ? `-${entityTag(object)}` : Buffer.from(md5, 'base64').toString('hex')}"`;
}

/** The value of `x-goog-hash`. */
export function hashHeader(object: StoredObject): string {
  const { crc32c, md5 } = object.body;
  return md5 === undefined ? `crc32c=${crc32c}` : `crc32c=${crc32c},md5=${md5}`;
}
