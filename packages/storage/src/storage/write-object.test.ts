import {
  before,
  lostAnswer,
  type PlannedFault,
  recordCalls,
  refused,
  throttled,
  timedOut,
  withFaults,
} from '@fieldfile/conformance';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';
import type { Content } from '../content/content.ts';
import { localFile } from '../content/local-file.ts';
import { FieldFileError } from '../errors/field-file-error.ts';
import type { Backend, ObjectInfo } from './backend.ts';
import { Storage } from './storage.ts';

/** A storage whose calls fail as planned, what reached the memory behind it, and that memory. */
function fixture(...plan: readonly PlannedFault[]) {
  const memory = new MemoryStorage();
  const { backend, calls } = recordCalls(memory.backend);
  const storage = new Storage(withFaults(backend, plan), { retry: { baseDelayMs: 0 } });
  const reached = (): string[] => calls.map(call => call.operation);
  const names = async (): Promise<string[]> => {
    const all: string[] = [];
    for await (const { name } of memory.list()) all.push(name);
    return all;
  };
  const text = async (name: string): Promise<string> => {
    await using opened = await memory.open(name);
    return await opened.text();
  };
  return { memory, storage, reached, names, text };
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

const contents: [string, () => Content][] = [
  ['text', () => 'one'],
  ['a one-shot stream', () => once('one')],
];

test.each(contents)(
  'a lost answer of %s is found by the write id, and not sent again',
  async (_, content) => {
    const { storage, reached, names, text } = fixture({ on: 'create', nth: 1, fault: lostAnswer() });
    expect(await storage.save('a.txt', content())).toBe('a.txt');
    expect(reached()).toEqual(['create', 'info']);
    expect(await names()).toEqual(['a.txt']);
    expect(await text('a.txt')).toBe('one');
  },
);

test('an alternative name whose answer was lost is the one that is found', async () => {
  const { storage, memory, names } = fixture({ on: 'create', nth: 1, fault: lostAnswer() });
  await memory.save('a.txt', 'old');
  const name = await storage.save('a.txt', 'new');
  expect(name).not.toBe('a.txt');
  expect((await names()).toSorted()).toEqual(['a.txt', name].toSorted());
});

test('what is not found is undone and sent again, where it can be read again', async () => {
  const { storage, reached, text } = fixture({ on: 'create', nth: 1, fault: before(timedOut) });
  expect(await storage.save('a.txt', 'one')).toBe('a.txt');
  expect(reached()).toEqual(['info', 'undo', 'create']);
  expect(await text('a.txt')).toBe('one');
});

test('a stream that was not read yet is sent after all', async () => {
  const { storage, text } = fixture({ on: 'create', nth: 1, fault: before(timedOut) });
  await storage.save('a.txt', once('one'));
  expect(await text('a.txt')).toBe('one');
});

/** Reads everything, then fails without having stored it. */
function swallowing(make: () => FieldFileError): { readonly storage: Storage; readonly sent: () => number } {
  const { backend } = new MemoryStorage();
  let sent = 0;
  const broken: Backend = Object.create(backend, {
    create: {
      async value(source: Parameters<Backend['create']>[0]): Promise<ObjectInfo> {
        sent += 1;
        for await (const _ of source.open());
        throw make();
      },
    },
    info: { value: async () => undefined },
    undo: { value: async () => 'absent' },
    id: { value: 'swallowing' },
    limits: { value: backend.limits },
  });
  return { storage: new Storage(broken, { retry: { baseDelayMs: 0, attempts: 3 } }), sent: () => sent };
}

test.each<[string, FieldFileError['applied']]>([
  ['that failed', false],
  ['whose answer was lost', 'unknown'],
])('a stream that was read %s is not sent again, and nothing of it is left', async (_, applied) => {
  const lost = (): FieldFileError =>
    new FieldFileError('timeout', 'No answer.', { retryable: true, applied });
  const stream = swallowing(lost);
  await expect(stream.storage.save('a.txt', once('one'))).rejects.toMatchObject({
    code: 'timeout',
    applied: false,
  });
  expect(stream.sent()).toBe(1);
  const text = swallowing(lost);
  await expect(text.storage.save('a.txt', 'one')).rejects.toMatchObject({ code: 'timeout', applied: false });
  expect(text.sent()).toBe(3);
});

test('a file that may have been taken away is not sent again', async () => {
  const { storage, reached } = fixture({ on: 'create', fault: before(throttled) });
  const file = localFile({ path: '/tmp/never-read', name: 'a', sizeBytes: 1, consume: true });
  await expect(storage.save('a.txt', file)).rejects.toMatchObject({ code: 'throttled' });
  expect(reached()).toEqual([]);
});

test('a failure that was not applied is tried again without looking for it', async () => {
  const { storage, reached } = fixture({ on: 'create', nth: [1, 2], fault: before(throttled) });
  await storage.save('a.txt', 'one');
  expect(reached()).toEqual(['create']);
});

test('where nobody can tell, applied stays unknown, and the error has both causes', async () => {
  for (const silent of ['info', 'undo'] as const) {
    const { storage } = fixture(
      { on: 'create', fault: before(timedOut) },
      { on: silent, fault: before(refused) },
    );
    const error = await storage.save('a.txt', 'one').catch(error => error);
    expect(error).toMatchObject({ code: 'timeout', applied: 'unknown', objectName: 'a.txt' });
    expect(error.storage).toBe(storage.id);
    expect(error.cause.errors).toMatchObject([{ code: 'timeout' }, { code: 'permission' }]);
  }
});

test('looking for a lost write is itself tried again', async () => {
  const { storage, names } = fixture(
    { on: 'create', nth: 1, fault: lostAnswer() },
    { on: 'info', nth: [1, 2], fault: before(throttled) },
  );
  await storage.save('a.txt', 'one');
  expect(await names()).toEqual(['a.txt']);
});

test('a lost answer after an abort is undone: the caller no longer wants it', async () => {
  const controller = new AbortController();
  const { storage, reached, names } = fixture({
    on: 'create',
    fault: lostAnswer(call => {
      controller.abort();
      return timedOut(call);
    }),
  });
  const saving = storage.save('a.txt', 'one', { signal: controller.signal });
  await expect(saving).rejects.toMatchObject({ code: 'timeout', applied: false });
  expect(reached()).toEqual(['create', 'undo']);
  expect(await names()).toEqual([]);
});

test('a replacement that was done stays, also after an abort: undoing it would leave nothing', async () => {
  const controller = new AbortController();
  const { storage, memory, reached, text } = fixture({
    on: 'replace',
    fault: lostAnswer(call => {
      controller.abort();
      return timedOut(call);
    }),
  });
  await memory.save('a.txt', 'old');
  await storage.replace('a.txt', 'new', { signal: controller.signal });
  expect(await text('a.txt')).toBe('new');
  expect(reached()).toEqual(['replace', 'info']);
});

test('a replacement whose answer was lost is found, and one that did not happen is made', async () => {
  for (const fault of [lostAnswer(), before(timedOut)]) {
    const { storage, memory, text } = fixture({ on: 'replace', nth: 1, fault });
    await memory.save('a.txt', 'old');
    const info = await storage.replace('a.txt', 'new');
    expect(info.version).toBe((await memory.info('a.txt')).version);
    expect(await text('a.txt')).toBe('new');
  }
});

test('the write id is asked of the backend where it can tell by itself', async () => {
  const { backend } = new MemoryStorage();
  let asked = 0;
  const knowing = withFaults(
    Object.assign(backend, {
      findWrite: (name: Parameters<Backend['info']>[0]) => {
        asked += 1;
        return backend.info(name);
      },
    }),
    [{ on: 'create', nth: 1, fault: lostAnswer() }],
  );
  await new Storage(knowing).save('a.txt', 'one');
  expect(asked).toBe(1);
});
