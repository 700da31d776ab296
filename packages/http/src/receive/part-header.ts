import type { Digest } from '@fieldfile/storage';
import { announcedDigests } from '../routes/checked-body.ts';
import { hasControl, parametersOf } from './header-parameters.ts';
import type { Limits } from './limits.ts';
import { refusedRequest } from './refused-request.ts';

/** What a part of a form says of itself. */
export interface PartHeader {
  /** Of the form's field. */
  readonly name: string;
  /** Undefined: it is a text. As the client calls it, with whatever folders. */
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
  readonly digests: readonly Digest[];
}

/** Values of each header by its name in lower case; a character for each byte. */
export type RawHeader = Readonly<Record<string, readonly string[]>>;

export const MAX_HEADERS = 32;

/**
 * Reads the headers of one part, strictly: what two readers could take for different things is refused.
 *
 * @throws `malformed-request`; `headers-too-large`; `not-accepted` for content that is encoded.
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export function partHeader(raw: RawHeader, { maxHeaderBytes }: Limits): PartHeader {
  checkSize(raw, maxHeaderBytes);
  for (const [name, values] of Object.entries(raw))
    if (!/^[!#$%&'*+.^`|~\w-]+$/.test(name) || values.some(hasControl))
      throw refusedRequest('malformed-request', 'A header of a part has characters that no header has.');
  const { type, parameters } = parametersOf(only(raw, 'content-disposition') ?? '');
  const name = parameters.get('name');
  if (type !== 'form-data' || name === undefined || name === '')
    throw refusedRequest('malformed-request', 'A part does not say of which field of the form it is.');
  const contentType = only(raw, 'content-type');
  if (contentType !== undefined && /^\s*multipart\//i.test(contentType))
    throw refusedRequest('malformed-request', 'A part has parts of its own: send each file as a part.');
  const encoding = only(raw, 'content-transfer-encoding')?.trim() ?? 'binary';
  if (!/^(?:7bit|8bit|binary)$/i.test(encoding))
    throw refusedRequest('not-accepted', `A part is encoded as ${encoding}: send its bytes as they are.`);
  return {
    name,
    filename: parameters.get('filename'),
    contentType: contentType?.trim() || undefined,
    digests: announcedDigests(new Headers(digestHeaders(raw))),
  };
}

/** What was cut off at the parser's own limit is longer than ours. */
function checkSize(raw: RawHeader, maxHeaderBytes: number): void {
  const lines = Object.entries(raw).flatMap(([name, values]) =>
    values.map(value => name.length + value.length),
  );
  const sizeBytes = lines.reduce((sum, length) => sum + length + ': \r\n'.length, 0);
  if (lines.length <= MAX_HEADERS && sizeBytes <= maxHeaderBytes) return;
  throw refusedRequest('headers-too-large', `The headers of a part have more than ${maxHeaderBytes} bytes.`);
}

function only(raw: RawHeader, name: string): string | undefined {
  const [value, ...others] = raw[name] ?? [];
  if (others.length > 0) throw refusedRequest('malformed-request', `A part has several headers ${name}.`);
  return value;
}

const digestHeaders = (raw: RawHeader): [string, string][] =>
  ['repr-digest', 'content-digest', 'content-md5'].flatMap(name =>
    (raw[name] ?? []).map((value): [string, string] => [name, value]),
  );
