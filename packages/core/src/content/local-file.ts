const BRAND: unique symbol = Symbol.for('@fieldfile/core/local-file');

/** A file of this machine, named on purpose: only `fromPath` of `@fieldfile/core/node` makes one. */
export interface LocalFile {
  readonly [BRAND]: true;
  readonly path: string;
  readonly sizeBytes: number;
  /** Its base name, offered where a file needs a name. */
  readonly name: string;
  /** A storage on the same disk may take the file away instead of copying it. */
  readonly consume: boolean;
}

export function localFile(fields: Omit<LocalFile, typeof BRAND>): LocalFile {
  return { ...fields, [BRAND]: true };
}

/** The brand is a symbol, which nothing parsed from JSON can carry. */
export function isLocalFile(value: unknown): value is LocalFile {
  return typeof value === 'object' && value !== null && (value as Partial<LocalFile>)[BRAND] === true;
}
