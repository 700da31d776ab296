const BRAND = Symbol.for('@fieldfile/storage/local-file');

/** A file of this machine, named on purpose: only `fromPath` of `@fieldfile/storage/node` makes one. */
export interface LocalFile {
  /** For the types only, and no symbol: each of two installed copies would have a type of its own for it. */
  readonly '~brand': 'LocalFile';
  readonly path: string;
  readonly sizeBytes: number;
  /** Its base name, offered where a file needs a name. */
  readonly name: string;
  /** A storage on the same disk may take the file away instead of copying it. */
  readonly consume: boolean;
}

export function localFile(fields: Omit<LocalFile, '~brand'>): LocalFile {
  return { ...fields, [BRAND]: true } as unknown as LocalFile;
}

/** The brand is a symbol, which nothing parsed from JSON can carry. */
export function isLocalFile(value: unknown): value is LocalFile {
  return (
    typeof value === 'object' && value !== null && (value as { readonly [BRAND]?: unknown })[BRAND] === true
  );
}
