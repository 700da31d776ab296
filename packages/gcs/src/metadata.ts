type Metadata = Readonly<Record<string, string>>;

/** Everything that a download's headers could not tell as it is: JSON in base64. */
const REST = 'fieldfile-metadata';

/** The name of a header. */
const PLAIN_NAME = /^(?!fieldfile-)[!#$%&'*+.^_`|~0-9a-z-]+$/i;

/** ASCII without spaces around it, or several in a row. */
const PLAIN_VALUE = /^(?!.* {2})[!-~](?:[ -~]*[!-~])?$/;

/** The caller's metadata as both APIs of the service tell it. */
export const encodeMetadata = (metadata: Metadata = {}): Metadata =>
  encoded(metadata, (name, value) => PLAIN_NAME.test(name) && value === value.trim());

/** The same where any client has to send it in headers: names in lower case, values that no signature changes. */
export const encodeHeaderMetadata = (metadata: Metadata = {}): Metadata =>
  encoded(
    metadata,
    (name, value) => PLAIN_NAME.test(name) && name === name.toLowerCase() && PLAIN_VALUE.test(value),
  );

function encoded(metadata: Metadata, isPlainEntry: (name: string, value: string) => boolean): Metadata {
  const entries = Object.entries(metadata);
  const isPlain = ([name, value]: readonly [string, string]): boolean => isPlainEntry(name, value);
  const rest = entries.filter(entry => !isPlain(entry));
  if (rest.length === 0) return metadata;
  const text = Buffer.from(JSON.stringify(rest)).toString('base64');
  return { ...Object.fromEntries(entries.filter(isPlain)), [REST]: text };
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
