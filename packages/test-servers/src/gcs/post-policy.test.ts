import type { GenerateSignedPostPolicyV4Options } from '@google-cloud/storage';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { BUCKET, GcsClient } from '../../test/gcs-client.ts';

const gcs = await GcsClient.start();
afterAll(() => gcs.close());
afterEach(() => {
  vi.useRealTimers();
});

type Fields = Record<string, string>;

async function policy(
  name: string,
  options: Partial<GenerateSignedPostPolicyV4Options> = {},
): Promise<Fields> {
  const expires = Date.now() + 60_000;
  const [{ fields }] = await gcs.file(name).generateSignedPostPolicyV4({ expires, ...options });
  return { ...fields };
}

function post(fields: Fields, content: string, path = ''): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([content]), 'chosen.txt');
  return fetch(`${gcs.server.endpoint}/${path}`, { method: 'POST', body: form, redirect: 'manual' });
}

test('a form with a signed policy stores its file', async () => {
  const fields = { 'content-type': 'text/p', 'x-goog-meta-note': 'bär✓' };
  const form = await policy('posted', { conditions: [['content-length-range', 0, 10]], fields });
  expect((await post(form, 'posted')).status).toBe(204);
  expect(await gcs.text('posted')).toBe('posted');
  expect(await gcs.metadata('posted')).toMatchObject({ contentType: 'text/p', metadata: { note: 'bär✓' } });
});

test('the bucket may be in the path, and must then be that of the policy', async () => {
  await gcs.storage.createBucket('another');
  const form = await policy('in-path');
  expect((await post(form, 'x', `${BUCKET}/`)).status).toBe(204);
  expect((await post(form, 'x', 'another')).status).toBe(403);
});

test('a field must begin as the policy says', async () => {
  const form = await policy('unused', { conditions: [['starts-with', '$x-goog-meta-a', 'b']] });
  expect((await post({ ...form, 'x-goog-meta-a': 'bcd' }, 'x')).status).toBe(204);
  expect((await post({ ...form, 'x-goog-meta-a': 'cd' }, 'x')).status).toBe(403);
  expect((await post(form, 'x')).status).toBe(403);
});

test('the name can take that of the chosen file', async () => {
  expect((await post(await policy(`folder/\${filename}`), 'x')).status).toBe(204);
  expect(await gcs.text('folder/chosen.txt')).toBe('x');
});

test('the answers a form can ask for', async () => {
  const created = await post(await policy('answer é', { fields: { success_action_status: '201' } }), 'x');
  expect(created.status).toBe(201);
  expect(await created.text()).toContain('<Key>answer é</Key>');
  const redirect = { success_action_redirect: 'http://example.com/done?a=b' };
  const redirected = await post(await policy('answer', { fields: redirect }), 'x');
  expect(redirected.status).toBe(303);
  expect(redirected.headers.get('location')).toContain(
    'http://example.com/done?a=b&bucket=checks&key=answer&etag=',
  );
});

describe('nothing is stored', () => {
  const refused = async (fields: Fields, content = 'x') => {
    const response = await post(fields, content);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await gcs.exists('refused')).toBe(false);
    return response.status;
  };

  test('when the file is longer or shorter than the policy allows', async () => {
    const form = await policy('refused', { conditions: [['content-length-range', 2, 4]] });
    expect(await refused(form, '12345')).toBe(400);
    expect(await refused(form, '1')).toBe(400);
  });

  test('when a field differs from the policy, is missing in it, or is left out', async () => {
    const form = await policy('refused', { fields: { 'content-type': 'text/p' } });
    expect(await refused({ ...form, 'content-type': 'text/html' })).toBe(403);
    expect(await refused({ ...form, 'x-goog-meta-a': 'b' })).toBe(403);
    const { 'content-type': _, ...without } = form;
    expect(await refused(without)).toBe(403);
  });

  test('when the policy was changed', async () => {
    const form = await policy('refused');
    const text = Buffer.from(form.policy ?? '', 'base64').toString();
    const changed = Buffer.from(text.replace('"refused"', '"refuted"')).toString('base64');
    expect(await refused({ ...form, policy: changed })).toBe(403);
    expect(await refused({ ...form, 'x-goog-signature': '00' })).toBe(403);
  });

  test('when the policy has expired', async () => {
    const form = await policy('refused');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    expect(await refused(form)).toBe(403);
  });

  test('without a policy', async () => {
    expect(await refused({ key: 'refused' })).toBe(403);
  });
});
