import { deepEqual, equal, ok } from 'node:assert/strict';
import { THOUSAND } from '../files.ts';
import { type Answer, type Ask, ask, type Site } from '../site.ts';

export const BIN = '/thousand.bin';

export function isRefused({ status }: Answer): void {
  ok(status >= 400 && status < 500, `It was answered ${status}.`);
}

/** The answer to a request for the 1,000 bytes. */
export const bin = (site: Site, headers: NonNullable<Ask['headers']>, method = 'GET'): Promise<Answer> =>
  ask(site, BIN, { method, headers });

export const range = (site: Site, value: string, more: Ask['headers'] = {}): Promise<Answer> =>
  bin(site, { range: value, ...more });

/** All of the 1,000 bytes, as if no range had been asked for. */
export function isWhole({ status, headers, body }: Answer): void {
  equal(status, 200);
  equal(headers['content-range'], undefined);
  ok(body.equals(THOUSAND));
}

/** The bytes from `first` to `last` of the 1,000. */
export function isPart({ status, headers, body }: Answer, first: number, last: number): void {
  equal(status, 206);
  deepEqual(
    [headers['content-range'], headers['content-length']],
    [`bytes ${first}-${last}/1000`, String(last - first + 1)],
  );
  ok(body.equals(THOUSAND.subarray(first, last + 1)));
}

export function isUnsatisfiable({ status, headers }: Answer, sizeBytes = 1000): void {
  equal(status, 416);
  equal(headers['content-range'], `bytes */${sizeBytes}`);
}

/** A body of `multipart/byteranges` by its parts. */
export function partsOf({ headers, body }: Answer): { readonly head: string; readonly bytes: Buffer }[] {
  const boundary = /^multipart\/byteranges; ?boundary="?([^";]+)"?$/.exec(headers['content-type'] ?? '')?.[1];
  ok(boundary, `The type is ${headers['content-type']}.`);
  equal(headers['content-length'], String(body.byteLength));
  const text = body.toString('latin1');
  ok(text.endsWith(`\r\n--${boundary}--\r\n`) || text.endsWith(`\r\n--${boundary}--`));
  const pieces = text
    .replace(/^(?:\r\n)?--/, '\r\n--')
    .split(`\r\n--${boundary}`)
    .slice(1, -1);
  return pieces.map(piece => {
    const [head = '', ...rest] = piece.split('\r\n\r\n');
    return { head: head.toLowerCase(), bytes: Buffer.from(rest.join('\r\n\r\n'), 'latin1') };
  });
}

export function arePartsOf(answer: Answer, spans: readonly (readonly [number, number])[]): void {
  equal(answer.status, 206);
  equal(answer.headers['content-range'], undefined);
  const parts = partsOf(answer);
  deepEqual(
    parts.map(({ head }) => /content-range: (.*)/.exec(head)?.[1]?.trim()),
    spans.map(([first, last]) => `bytes ${first}-${last}/1000`),
  );
  for (const [index, [first, last]] of spans.entries())
    ok(parts[index]?.bytes.equals(THOUSAND.subarray(first, last + 1)));
}
