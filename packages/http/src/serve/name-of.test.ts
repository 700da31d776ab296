import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';
import { nameOf } from './name-of.ts';
import { serve } from './serve.ts';

test.each([
  ['/files/a.txt', 'a.txt'],
  ['/files/2026/gr%C3%BC%C3%9Fe%20%25.txt?a=b', '2026/grüße %.txt'],
  ['/files/a+b.txt', 'a+b.txt'],
  ['/files/..%2f..%2fetc/passwd', '../../etc/passwd'],
  ['/files/../a.txt', ''],
  ['/files/%', ''],
  ['/files/%ff', ''],
  ['/files/', ''],
  ['/other/a.txt', ''],
])('%s names %j', (path, name) => {
  expect(nameOf(new Request(`http://localhost${path}`), '/files/')).toBe(name);
});

test('no name is answered with 400', async () => {
  const response = await serve(new Request('http://localhost/'), { storage: new MemoryStorage(), name: '' });
  expect(response.status).toBe(400);
});
