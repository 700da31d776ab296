import { MemoryBackend, MemoryStorage } from '@fieldfile/memory';
import { isFieldFileError, Storage } from '@fieldfile/storage';
import { expect, test } from 'vitest';
import { before, halfWay, lostAnswer, shortBody, throttled, waitFor } from './fault.ts';
import { recordCalls } from './record-calls.ts';
import { type PlannedFault, withFaults } from './with-faults.ts';

const once = { attempts: 1 };

async function fixture(plan: readonly PlannedFault[]) {
  const memory = new MemoryStorage();
  await memory.save('old.txt', '0123456789');
  return { memory, storage: new Storage(withFaults(memory.backend, plan), { retry: once }) };
}

test('a fault before the call keeps it from the backend', async () => {
  const { memory, storage } = await fixture([{ on: 'create', fault: before() }]);
  await expect(storage.save('new.txt', 'new')).rejects.toMatchObject({ code: 'throttled', retryable: true });
  expect(await memory.exists('new.txt')).toBe(false);
});

test('a lost answer means that it was done', async () => {
  const { memory, storage } = await fixture([{ on: 'remove', fault: lostAnswer() }]);
  await expect(storage.delete('old.txt')).rejects.toMatchObject({ code: 'timeout', applied: 'unknown' });
  expect(await memory.exists('old.txt')).toBe(false);
});

test('content breaks after as many bytes as planned', async () => {
  const { storage } = await fixture([{ on: 'create', fault: halfWay(3) }]);
  const sent: number[] = [];
  const saving = storage.save('new.txt', '0123456789', {
    onProgress: ({ sentBytes }) => void sent.push(sentBytes),
  });
  await expect(saving).rejects.toMatchObject({ code: 'backend' });
  expect(sent).toEqual([3]);
});

test('a body breaks, or ends, after as many bytes as planned', async () => {
  const memory = new MemoryStorage();
  await memory.save('old.txt', '0123456789');
  for (const [fault, end] of [
    [halfWay(4), 'broken'],
    [shortBody(4), 'ended'],
  ] as const) {
    const backend = withFaults(memory.backend, [{ on: 'read', fault }]);
    const { name } = await memory.info('old.txt');
    const { stream: body } = await backend.read(name);
    const reader = body.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('0123');
    expect(
      await reader.read().then(
        ({ done }) => done && 'ended',
        () => 'broken',
      ),
    ).toBe(end);
  }
});

test('a listing breaks after as many pages as planned', async () => {
  const { memory, storage } = await fixture([{ on: 'list', fault: halfWay(1) }]);
  await memory.save('older.txt', 'x');
  const listed: string[] = [];
  const listing = async (): Promise<void> => {
    for await (const { name } of storage.list('', { pageSize: 1 })) listed.push(name);
  };
  await expect(listing()).rejects.toMatchObject({ code: 'backend' });
  expect(listed).toEqual(['old.txt']);
});

test('latency lasts as long as its promise', async () => {
  const gate = Promise.withResolvers<void>();
  const { memory, storage } = await fixture([{ on: 'remove', fault: waitFor(gate.promise) }]);
  const deleting = storage.delete('old.txt');
  expect(await memory.exists('old.txt')).toBe(true);
  gate.resolve();
  await deleting;
  expect(await memory.exists('old.txt')).toBe(false);
});

test('strikes only the calls that are planned: the nth, of that name', async () => {
  const { storage } = await fixture([
    { on: 'info', nth: [2, 3], fault: before() },
    { on: 'info', name: 'other.txt', fault: before(throttled) },
  ]);
  const outcomes: unknown[] = [];
  for (const name of ['old.txt', 'old.txt', 'old.txt', 'old.txt', 'other.txt'])
    outcomes.push(await storage.exists(name).catch(error => isFieldFileError(error) && error.code));
  expect(outcomes).toEqual([true, 'throttled', 'throttled', true, 'throttled']);
});

test('what the backend cannot do stays absent, what it can stays there', () => {
  class Publishing extends MemoryBackend {
    readonly #origin = 'https://files.example/';
    override publicUrl(name: string): string {
      return `${this.#origin}${name}`;
    }
  }
  const plain = withFaults(new MemoryBackend({ id: 'plain' }), []);
  expect(['findWrite', 'settle', 'removeMany', 'localPath'].filter(method => method in plain)).toEqual([]);
  expect(plain.id).toBe('plain');
  expect(withFaults(new Publishing(), []).publicUrl('a')).toBe('https://files.example/a');
});

test('calls are recorded with what they name', async () => {
  const { backend, calls } = recordCalls(new MemoryStorage().backend);
  const storage = new Storage(backend);
  await storage.save('a.txt', 'one');
  await storage.copy('a.txt', 'b.txt');
  await storage.delete('a.txt');
  await Array.fromAsync(storage.list('folder/'));
  expect(calls.map(({ operation, name }) => `${operation} ${name}`)).toEqual([
    'create a.txt',
    'copy b.txt',
    'remove a.txt',
    'list folder/',
  ]);
});
