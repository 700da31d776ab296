import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Content } from './content.ts';
import { type Guard, type GuardedSource, guardedSource } from './guarded-source.ts';
import { localFile } from './local-file.ts';
import { toSource } from './to-source.ts';

const CONTEXT = { operation: 'save', storage: 'here', name: 'a.txt' };

const LIMITS = { maxObjectBytes: 100, maxStreamBytes: 50 };

const guard = (content: Content, options: Partial<Guard> = {}): GuardedSource =>
  guardedSource(toSource(content, CONTEXT), { ...LIMITS, ...options }, CONTEXT);

async function* stream(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield new Uint8Array(size);
}

async function read(source: GuardedSource): Promise<number> {
  let total = 0;
  for await (const chunk of source.open()) total += chunk.byteLength;
  return total;
}

const failure = (code: string): unknown =>
  expect.objectContaining({
    code,
    operation: 'save',
    storage: 'here',
    name: 'FieldFileError',
    objectName: 'a.txt',
  });

test('a known size beyond a limit is refused before a byte', () => {
  expect(() => guard(new Uint8Array(101))).toThrow(failure('too-large'));
  expect(() => guard('abc', { maxSizeBytes: 2 })).toThrow(failure('too-large'));
  expect(() => guard('a', { maxSizeBytes: 0 })).toThrow(failure('too-large'));
  expect(() => guard(stream(1), { sizeBytes: 101 })).toThrow(failure('too-large'));
});

test('what just fits passes', async () => {
  expect(await read(guard(new Uint8Array(100)))).toBe(100);
  expect(await read(guard('abc', { maxSizeBytes: 3 }))).toBe(3);
  expect(await read(guard(stream(25, 25)))).toBe(50);
  expect(await read(guard('', { maxSizeBytes: 0 }))).toBe(0);
  expect(await read(guard(stream(5), { maxSizeBytes: Number.POSITIVE_INFINITY }))).toBe(5);
});

test('a stream beyond a limit fails while it is read, and no byte beyond the limit goes through', async () => {
  for (const options of [{}, { maxSizeBytes: 30 }]) {
    let passed = 0;
    const reading = async (): Promise<void> => {
      for await (const chunk of guard(stream(25, 6, 25), options).open()) passed += chunk.byteLength;
    };
    await expect(reading()).rejects.toThrow(failure('too-large'));
    expect(passed).toBeLessThanOrEqual(options.maxSizeBytes ?? LIMITS.maxStreamBytes);
  }
});

test('a declared length lets a stream be as large as an object may be', async () => {
  const source = guard(stream(60, 40), { sizeBytes: 100 });
  expect(source.sizeBytes).toBe(100);
  expect(await read(source)).toBe(100);
});

test('a length that is not the declared one is found: short, long, and of known content at once', async () => {
  await expect(read(guard(stream(3), { sizeBytes: 4 }))).rejects.toThrow(failure('integrity'));
  await expect(read(guard(stream(3, 2), { sizeBytes: 4 }))).rejects.toThrow(failure('integrity'));
  await expect(read(guard(stream(), { sizeBytes: 1 }))).rejects.toThrow(failure('integrity'));
  await expect(read(guard(stream(1), { sizeBytes: 0 }))).rejects.toThrow(failure('integrity'));
  expect(() => guard('abc', { sizeBytes: 4 })).toThrow(failure('integrity'));
});

test('a source that is not as long as it says is found', async () => {
  const liar = { sizeBytes: 2, replayable: true, open: () => stream(1, 2) };
  await expect(read(guard(liar))).rejects.toThrow(failure('integrity'));
});

test.each([-1, 1.5, Number.NaN, '5' as unknown as number])('a length or limit of %s is refused', value => {
  expect(() => guard(stream(1), { sizeBytes: value })).toThrow(failure('invalid-argument'));
  expect(() => guard(stream(1), { maxSizeBytes: value })).toThrow(failure('invalid-argument'));
});

test('the digest is that of the bytes, each time they are read', async () => {
  const source = guard('some text', { digest: 'sha256' });
  expect(source.digestBase64).toBeUndefined();
  const expected = createHash('sha256').update('some text').digest('base64');
  for (let time = 0; time < 2; time++) {
    await read(source);
    expect(source.digestBase64).toBe(expected);
  }
});

test('a stream that is left early has no digest', async () => {
  const source = guard(stream(1, 1), { digest: 'md5' });
  for await (const _ of source.open()) break;
  expect(source.digestBase64).toBeUndefined();
});

test('ending early ends the source', async () => {
  let released = false;
  async function* held(): AsyncGenerator<Uint8Array> {
    try {
      yield new Uint8Array(1);
      yield new Uint8Array(1);
    } finally {
      released = true;
    }
  }
  for await (const _ of guard(held()).open()) break;
  expect(released).toBe(true);
});

test('a file is offered as one, unless its bytes must go by for the digest', () => {
  const file = localFile({ path: '/tmp/a', name: 'a', sizeBytes: 1, consume: false });
  expect(guard(file).local).toEqual({ path: '/tmp/a', consume: false });
  expect(guard(file, { digest: 'crc32' }).local).toBeUndefined();
});

test('content is repeatable while it can be had once more', async () => {
  const bytes = guard('abc');
  await read(bytes);
  expect(bytes.repeatable).toBe(true);
  const once = guard(stream(1));
  expect(once.repeatable).toBe(true);
  await read(once);
  expect(once.repeatable).toBe(false);
  const file = { path: '/tmp/a', name: 'a', sizeBytes: 1 };
  expect(guard(localFile({ ...file, consume: false })).repeatable).toBe(true);
  expect(guard(localFile({ ...file, consume: true })).repeatable).toBe(false);
});

test('a one-shot content that is held can be had again, as it was and checked as before', async () => {
  const source = guard(stream(3, 4), { digest: 'sha256' });
  expect(source.repeatable).toBe(true);
  const chunks = await Array.fromAsync(source.open());
  expect(source.repeatable).toBe(false);
  const digest = source.digestBase64;
  source.hold?.(chunks);
  expect(source.repeatable).toBe(true);
  for (let times = 0; times < 2; times++) {
    expect(await read(source)).toBe(7);
    expect(source.digestBase64).toBe(digest);
  }
  const aborted = source.open(AbortSignal.abort());
  await expect(Array.fromAsync(aborted)).rejects.toMatchObject({ code: 'aborted', operation: 'save' });
});
