import { FieldFileError, type WriteId } from '@fieldfile/storage';

/** The entries that are ours. */
const WRITE = 'fieldfile_write';
const ENCODED = 'fieldfile_metadata';

/** What the service takes for all entries together, names included. */
const MAX_BYTES = 8 * 1024;

/**
 * Names are C# identifiers to the service, and lower case on the way back. What every object of JavaScript has, such as
 * `constructor`, comes back spoiled (azurite).
 */
const PLAIN_NAME = /^(?!fieldfile_)[a-z_][a-z0-9_]*$/;
/** Other characters break the signature of the request; outer spaces are cut. */
const PLAIN_VALUE = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

export interface ObjectMetadata {
  readonly writeId?: WriteId;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Metadata as the service takes it: plain entries as they are, for other tools to see, and the rest in one entry, as
 * percent-encoded JSON.
 *
 * @throws `invalid-argument` beyond 8 KiB.
 */
export function toBlobMetadata(
  writeId: WriteId,
  metadata: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const entries = Object.entries(metadata);
  const isPlain = ([name, value]: readonly [string, string]): boolean =>
    PLAIN_NAME.test(name) && !(name in {}) && PLAIN_VALUE.test(value);
  const rest = entries.filter(entry => !isPlain(entry));
  const stored: Record<string, string> = Object.fromEntries([
    ...entries.filter(isPlain),
    [WRITE, writeId],
    ...(rest.length === 0 ? [] : [[ENCODED, encodeURIComponent(JSON.stringify(rest))]]),
  ]);
  const bytes = Object.entries(stored).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes <= MAX_BYTES) return stored;
  throw new FieldFileError(
    'invalid-argument',
    `The metadata takes ${bytes} bytes encoded; Azure keeps at most ${MAX_BYTES} with an object.`,
  );
}

export function fromBlobMetadata(stored: Readonly<Record<string, string>> = {}): ObjectMetadata {
  const { [WRITE]: writeId, [ENCODED]: encoded, ...plain } = stored;
  return {
    ...(writeId === undefined ? {} : { writeId: writeId as WriteId }),
    metadata: encoded === undefined ? plain : { ...plain, ...decoded(encoded) },
  };
}

/** Nothing, where another tool wrote it. */
function decoded(text: string): Record<string, string> {
  try {
    return Object.fromEntries(JSON.parse(decodeURIComponent(text)) as [string, string][]);
  } catch {
    return {};
  }
}
