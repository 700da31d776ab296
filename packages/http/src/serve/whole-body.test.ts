import { expect, test } from 'vitest';
import { WholeBody } from './whole-body.ts';

const BYTES = new TextEncoder().encode('hello');

test('is read as any body is', async () => {
  expect(await new Response(new WholeBody(BYTES)).text()).toBe('hello');
  expect(await new Response(new WholeBody(new Uint8Array())).text()).toBe('');
});

test('gives its bytes while nobody reads it, also out of an answer that was made of another', () => {
  const answer = new Response(new Response(new WholeBody(BYTES)).body, { headers: { 'x-more': '1' } });
  expect(WholeBody.bytesOf(answer.body)).toBe(BYTES);
});

test('gives none once it is read, or of another body', async () => {
  const read = new WholeBody(BYTES);
  const reader = read.getReader();
  expect(WholeBody.bytesOf(read)).toBeUndefined();
  await reader.read();
  reader.releaseLock();
  expect(WholeBody.bytesOf(read)).toBeUndefined();
  const cloned = new Response(new WholeBody(BYTES));
  expect(await cloned.clone().text()).toBe('hello');
  expect(WholeBody.bytesOf(cloned.body)).toBeUndefined();
  expect(WholeBody.bytesOf(new Response('hello').body)).toBeUndefined();
  expect(WholeBody.bytesOf(null)).toBeUndefined();
});
