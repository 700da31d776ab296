type Metadata = Readonly<Record<string, string>>;

/** Everything that a download's headers could not tell as it is: JSON in base64. */
const REST = 'fieldfile-metadata';

/** The name of a header. */
const PLAIN_NAME = /^(?!fieldfile-)[!#$%&'*+.^_`|~0-9a-z-]+$/i;

/** The caller's metadata as both APIs of the service tell it. */
export function encodeMetadata(metadata: Metadata = {}): Metadata {
  const entries = Object.entries(metadata);
  const isPlain = ([name, value]: readonly [string, string]): boolean =>
    PLAIN_NAME.test(name) && value === value.trim();
  const rest = entries.filter(entry => !isPlain(entry));
  if (rest.length === 0) return metadata;
  const encoded = Buffer.from(JSON.stringify(rest)).toString('base64');
  return { ...Object.fromEntries(entries.filter(isPlain)), [REST]: encoded };
}

export function decodeMetadata({ [REST]: rest, ...plain }: Metadata): Metadata {
  return rest === undefined ? plain : { ...plain, ...decoded(rest) };
}

/** Nothing, where another program wrote it. */
function decoded(rest: string): Metadata {
  try {
    const entries = JSON.parse(Buffer.from(rest, 'base64').toString()) as [string, string][];
    return Object.fromEntries(entries.map(([name, value]) => [String(name), String(value)]));
  } catch {
    return {};
  }
}
