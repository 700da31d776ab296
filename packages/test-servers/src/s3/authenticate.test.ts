import { afterAll, beforeAll, expect, test } from 'vitest';
import { S3Fixture } from '../../test/s3-fixture.ts';
import { canonicalRequest, sha256, sign, signingKey, stringToSign } from './signature.ts';

const s3 = await S3Fixture.start();
afterAll(() => s3[Symbol.asyncDispose]());
beforeAll(async () => {
  await s3.put('object', 'content');
});

test('computes the signature of the documented example', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, GET Object
  const headers = new Map([
    ['host', 'examplebucket.s3.amazonaws.com'],
    ['range', 'bytes=0-9'],
    ['x-amz-content-sha256', sha256('')],
    ['x-amz-date', '20130524T000000Z'],
  ]);
  const account = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    region: 'us-east-1',
  };
  const canonical = canonicalRequest({
    method: 'GET',
    path: '/test.txt',
    query: new Map(),
    headers,
    signedHeaders: [...headers.keys()],
    payloadHash: sha256(''),
  });
  const text = stringToSign('20130524T000000Z', '20130524/us-east-1/s3/aws4_request', canonical);
  expect(sign(signingKey(account, '20130524'), text)).toBe(
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
});

interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  /** What the signature says of the body. */
  readonly payloadHash?: string;
  readonly timestamp?: string;
  readonly signed?: Readonly<Record<string, string>>;
  readonly unsigned?: Readonly<Record<string, string>>;
}

/** Sends a request signed by hand, wrong where a test wants it wrong; answers status and code. */
async function send(request: RawRequest): Promise<readonly [number, string | undefined]> {
  const { method = 'GET', path = '/bucket/object', body, payloadHash = sha256(body ?? '') } = request;
  const now = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const timestamp = request.timestamp ?? now;
  const signed = new Map([
    ['host', new URL(s3.server.endpoint).host],
    ['x-amz-content-sha256', payloadHash],
    ['x-amz-date', timestamp],
    ...Object.entries(request.signed ?? {}),
  ]);
  const signedHeaders = [...signed.keys()].sort();
  const scope = `${timestamp.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const canonical = canonicalRequest({
    method,
    path,
    query: new Map(),
    headers: signed,
    signedHeaders,
    payloadHash,
  });
  const signature = sign(
    signingKey(s3.server, timestamp.slice(0, 8)),
    stringToSign(timestamp, scope, canonical),
  );
  const response = await fetch(`${s3.server.endpoint}${path}`, {
    method,
    body: body ?? null,
    headers: {
      ...Object.fromEntries(signed),
      authorization: `AWS4-HMAC-SHA256 Credential=${s3.server.accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`,
      ...request.unsigned,
    },
  });
  return [response.status, /<Code>(.*?)<\/Code>/.exec(await response.text())?.[1]];
}

test.each<[string, RawRequest, readonly [number, string | undefined]]>([
  ['a right request', {}, [200, undefined]],
  ['a right upload', { method: 'PUT', body: 'x', path: '/bucket/raw' }, [200, undefined]],
  [
    'a body other than the signed one',
    { method: 'PUT', body: 'x', payloadHash: sha256('y'), path: '/bucket/raw' },
    [400, 'XAmzContentSHA256Mismatch'],
  ],
  [
    'a payload hash that is none',
    { method: 'PUT', body: 'x', payloadHash: 'hash' },
    [400, 'InvalidArgument'],
  ],
  [
    'a header of the service that was not signed',
    { unsigned: { 'x-amz-checksum-mode': 'ENABLED' } },
    [403, 'AccessDenied'],
  ],
  [
    'a signed header that was changed',
    { signed: { range: 'bytes=0-1' }, unsigned: { range: 'bytes=0-2' } },
    [403, 'SignatureDoesNotMatch'],
  ],
  ['a date without a time', { timestamp: '20260102' }, [403, 'AccessDenied']],
  ['a request of long ago', { timestamp: '20130524T000000Z' }, [403, 'RequestTimeTooSkewed']],
  [
    'an older kind of signature',
    { unsigned: { authorization: 'AWS key:signature' } },
    [400, 'AuthorizationHeaderMalformed'],
  ],
])('answers %s', async (_, request, expected) => {
  expect(await send(request)).toEqual(expected);
});
