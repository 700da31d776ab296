import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { collect } from './byte-reader.ts';
import { chunkedKind, decodeChunks } from './chunked-body.ts';
import { signingKey } from './signature.ts';

// The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
const AUTHENTICATION = {
  signingKey: signingKey(
    {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      region: 'us-east-1',
    },
    '20130524',
  ),
  scope: '20130524/us-east-1/s3/aws4_request',
  timestamp: '20130524T000000Z',
  signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
  payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
};
const BODY = [
  '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n',
  `${'a'.repeat(65536)}\r\n`,
  '400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n',
  `${'a'.repeat(1024)}\r\n`,
  '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n',
].join('');

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer, void> {
  for (let start = 0; start < text.length; start += size) yield Buffer.from(text.slice(start, start + size));
}

const decode = (text: string, pieceSize = 1000): Promise<Buffer> =>
  collect(
    decodeChunks(inPieces(text, pieceSize), { signed: true, trailer: false }, AUTHENTICATION, () => {}),
  );

test.each([1, 7, 1000, 100_000])('verifies the documented example in pieces of %i bytes', async size => {
  expect((await decode(BODY, size)).toString()).toBe('a'.repeat(66560));
});

test('refuses a chunk that was changed', async () => {
  await expect(decode(BODY.replace('aaa\r\n400', 'aab\r\n400'))).rejects.toMatchObject({
    code: 'SignatureDoesNotMatch',
  });
});

test('refuses a body without its last chunk', async () => {
  await expect(decode(BODY.slice(0, BODY.lastIndexOf('\r\n0;') + 2))).rejects.toMatchObject({
    code: 'IncompleteBody',
  });
});

test('hands over trailing headers', async () => {
  const kind = chunkedKind('STREAMING-UNSIGNED-PAYLOAD-TRAILER');
  if (kind === undefined) throw new Error('unknown kind');
  const value = createHash('sha1').update('abc').digest('base64');
  const text = `3\r\nabc\r\n0\r\nx-amz-checksum-sha1:${value}\r\n\r\n`;
  let trailers: ReadonlyMap<string, string> = new Map();
  const content = decodeChunks(inPieces(text, 5), kind, AUTHENTICATION, found => {
    trailers = found;
  });
  expect((await collect(content)).toString()).toBe('abc');
  expect([...trailers]).toEqual([['x-amz-checksum-sha1', value]]);
});
