import { expect, test } from 'vitest';
import { startS3Server } from '../s3.ts';

const origin = 'https://app.example.com';

test('pages of other origins are told what they may do, where that is asked for', async () => {
  await using server = await startS3Server({ buckets: ['media'], allowsPages: true });
  const before = await fetch(`${server.endpoint}/media/a.txt`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'content-md5',
    },
  });
  expect([before.status, before.headers.get('access-control-allow-headers')]).toEqual([200, 'content-md5']);
  const refused = await fetch(`${server.endpoint}/media/a.txt`, { headers: { origin } });
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, '*']);
});

test('and not otherwise', async () => {
  await using server = await startS3Server({ buckets: ['media'] });
  const answer = await fetch(`${server.endpoint}/media/a.txt`, { headers: { origin } });
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});
