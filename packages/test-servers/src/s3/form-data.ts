import { ByteReader, collect } from './byte-reader.ts';
import { S3Error } from './s3-error.ts';

const MAXIMUM_FIELD_BYTES = 20 * 1024;

/** A browser's form, read up to its file. */
export interface Form {
  /** By lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: string;
  readonly file: AsyncIterable<Buffer>;
}

/**
 * Reads the fields of a `multipart/form-data` body and hands over its file as a stream. What follows the file is
 * ignored, as on the service.
 *
 * @throws `MalformedPOSTRequest`, `InvalidArgument` without a file.
 */
export async function readForm(body: AsyncIterable<Buffer>, contentType: string): Promise<Form> {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/.exec(contentType);
  if (boundary === null || !contentType.startsWith('multipart/form-data')) throw malformed();
  const delimiter = `--${boundary[1] ?? boundary[2]}`;
  const reader = new ByteReader(body);
  const fields = new Map<string, string>();
  await collect(reader.until(Buffer.from(delimiter)));
  while (true) {
    const rest = await reader.line();
    if (rest === '--')
      throw new S3Error('InvalidArgument', 'POST requires exactly one file upload per request.', {
        ArgumentName: 'file',
        ArgumentValue: '0',
      });
    if (rest !== '') throw malformed();
    const disposition = await readDisposition(reader);
    const name = parameter(disposition, 'name')?.toLowerCase();
    if (name === undefined) throw malformed();
    const content = reader.until(Buffer.from(`\r\n${delimiter}`));
    if (name === 'file') return { fields, file: content, fileName: parameter(disposition, 'filename') ?? '' };
    fields.set(name, await readField(content));
  }
}

async function readDisposition(reader: ByteReader): Promise<string> {
  let disposition = '';
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    if (line === undefined) throw malformed();
    if (/^content-disposition:/i.test(line)) disposition = line;
  }
  return disposition;
}

/** Browsers write a quote as `%22`. */
function parameter(disposition: string, name: string): string | undefined {
  return new RegExp(`[;\\s]${name}="([^"]*)"`, 'i').exec(disposition)?.[1]?.replaceAll('%22', '"');
}

async function readField(content: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAXIMUM_FIELD_BYTES) throw malformed();
  }
  return Buffer.concat(chunks).toString('utf8');
}

function malformed(): S3Error {
  return new S3Error(
    'MalformedPOSTRequest',
    'The body of your POST request is not well-formed multipart/form-data.',
  );
}
