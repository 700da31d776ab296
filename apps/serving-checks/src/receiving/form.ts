/** A request and its form, written by hand. */
export const BOUNDARY = 'boundary-of-the-form';

export interface RequestOptions {
  readonly method?: string;
  readonly path?: string;
  readonly type?: string | null;
  /** Of `Content-Length`. Default: the body's. */
  readonly length?: number | string;
  readonly headers?: readonly string[];
}

/** A whole request. */
export function request(body: Buffer | string, options: RequestOptions = {}): Buffer {
  const {
    method = 'POST',
    path = '/',
    type = `multipart/form-data; boundary=${BOUNDARY}`,
    headers = [],
  } = options;
  const content = Buffer.from(body);
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    ...(type === null ? [] : [`Content-Type: ${type}`]),
    `Content-Length: ${options.length ?? content.byteLength}`,
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'utf8'), content]);
}

/** A whole body of parts. */
export function form(...parts: readonly (Buffer | string)[]): Buffer {
  const delimited = parts.flatMap(part => [
    Buffer.from(`--${BOUNDARY}\r\n`),
    Buffer.from(part),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...delimited, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** A part with these headers. */
export const part = (content: Buffer | string, ...headers: readonly (Buffer | string)[]): Buffer =>
  Buffer.concat([
    ...headers.flatMap(header => [Buffer.from(header), Buffer.from('\r\n')]),
    Buffer.from('\r\n'),
    Buffer.from(content),
  ]);

export const text = (name: string, value: string): Buffer =>
  part(value, `Content-Disposition: form-data; name="${name}"`);

export const file = (
  name: string,
  filename: string,
  content: Buffer | string = 'content',
  type = 'text/plain',
): Buffer =>
  part(
    content,
    `Content-Disposition: form-data; name="${name}"; filename="${filename}"`,
    `Content-Type: ${type}`,
  );
