import { type ErrorCode, FieldFileError } from '@fieldfile/storage';
import { describe, expect, test } from 'vitest';
import { problem } from './problem.ts';

const SECRET = '/srv/media/secret.txt on s3://key:secret@host';

const STATUSES: Readonly<Record<ErrorCode, number>> = {
  'not-found': 404,
  'no-file': 404,
  exists: 409,
  'suspicious-name': 400,
  'name-too-long': 400,
  'invalid-argument': 400,
  'not-accepted': 415,
  'not-inspected': 503,
  'too-large': 413,
  'malformed-request': 400,
  'request-too-large': 413,
  'too-many-files': 413,
  'too-many-fields': 413,
  'text-too-large': 413,
  'headers-too-large': 431,
  'too-slow': 408,
  'cross-origin': 403,
  'content-consumed': 500,
  'owner-collected': 500,
  deferred: 500,
  'shadowed-field': 500,
  'shared-location': 500,
  conflict: 409,
  'intent-lost': 409,
  'transaction-ended': 500,
  'transaction-lost': 500,
  journal: 503,
  permission: 403,
  aborted: 499,
  timeout: 504,
  throttled: 503,
  integrity: 400,
  unsupported: 501,
  precondition: 412,
  'unknown-storage': 500,
  'no-space': 507,
  backend: 502,
};

describe('the answer to an error', () => {
  test.each(Object.entries(STATUSES) as [ErrorCode, number][])('%s is %i', async (code, status) => {
    const told: unknown[] = [];
    const error = new FieldFileError(code, SECRET, {
      name: SECRET,
      storage: SECRET,
      field: SECRET,
      cause: new Error(SECRET),
    });
    const response = problem(error, { onError: one => told.push(one) });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const text = await response.text();
    expect(text).not.toMatch(/secret|\/srv|s3:|stack/);
    expect(JSON.parse(text)).toEqual({
      type: `urn:fieldfile:problem:${code}`,
      title: expect.any(String),
      status,
      code,
    });
    expect(told).toEqual(status >= 500 ? [error] : []);
  });

  test('damage that is found while reading is the storage`s', () => {
    const onError = (): void => {};
    const found = (operation: string): number =>
      problem(new FieldFileError('integrity', 'x', { operation }), { onError }).status;
    expect([found('read'), found('save')]).toEqual([502, 400]);
  });

  test('an option that the application got wrong is the server`s fault, and is told', () => {
    const told: unknown[] = [];
    const error = new FieldFileError('invalid-argument', 'x', { operation: 'serve' });
    expect(problem(error, { onError: one => told.push(one) }).status).toBe(500);
    expect(told).toEqual([error]);
  });

  test('says how long to wait', () => {
    const error = new FieldFileError('throttled', 'x', { retryAfterSeconds: 1.2 });
    expect(problem(error, { onError: () => {} }).headers.get('retry-after')).toBe('2');
  });

  test.each([new TypeError(SECRET), SECRET, undefined, null, { message: SECRET }])(
    'of anything else is 500 and tells nothing of it: %#',
    async error => {
      const response = problem(error, { onError: () => {} });
      expect(response.status).toBe(500);
      expect(await response.text()).not.toMatch(/secret/);
    },
  );

  test('to a signal is none of the server`s errors', () => {
    expect(problem(new DOMException('left', 'AbortError')).status).toBe(499);
  });

  test('has no body for HEAD, and its length', async () => {
    const request = new Request('http://localhost/', { method: 'HEAD' });
    const response = problem(new FieldFileError('not-found', 'x'), { request });
    expect(await response.text()).toBe('');
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
  });

  test('keeps further headers, and no cache keeps it', () => {
    const response = problem(new FieldFileError('not-found', 'x'), {
      headers: { 'access-control-allow-origin': '*', 'cache-control': 'public' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('comes although the reporter throws', () => {
    const onError = (): never => {
      throw new Error('the reporter is down');
    };
    expect(problem(new Error('x'), { onError }).status).toBe(500);
  });
});
