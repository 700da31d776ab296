import { setImmediate as turn } from 'node:timers/promises';
import { LiveObjects } from '@fieldfile/conformance/binding';
import {
  configure,
  defineFiles,
  type FieldFile,
  file,
  isFieldFileError,
  model,
  Storage,
  upload,
} from '@fieldfile/core';
import { MemoryBackend, MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { describe, expect, test } from 'vitest';

interface Doc {
  id: number;
  f: string | null;
  payload: string;
}

const ROWS = 100;
const WARM_UP = 3000;

const storage = new MemoryStorage();
await storage.save('doc.txt', 'content');
const weak = defineFiles(model<Doc>()('doc', 'id'), { f: { storage } });
const strong = defineFiles(model<Doc>()('strongDoc', 'id'), { f: { storage, ownership: 'strong' } });
const table = new MemoryTable<Doc>({ key: ['id'], files: ['f'] });
const bound = defineFiles(model<Doc>()('boundDoc', 'id'), { f: { storage } }, table.binding);

class Entity {
  declare id: number;
  declare f: FieldFile<Entity>;
  payload = '';
  async failing(): Promise<unknown> {
    return this.f.save('x', { name: '../..' }).catch(error => error);
  }
}
const entities = defineFiles(Entity, { f: { storage } });

const row = (id: number, f: string | null = 'doc.txt'): Doc => ({ id, f, payload: 'x'.repeat(1000) + id });

function entity(id: number): Entity {
  const instance = Object.assign(new Entity(), { id });
  entities.f.load(instance, 'doc.txt');
  return instance;
}

/** Runs a warmed function over fresh rows, keeps what it returns, and counts the rows that are left. */
async function liveAfter<R extends object>(
  make: (id: number) => R,
  touch: (row: R) => unknown,
  warmUp = WARM_UP,
): Promise<number> {
  for (let id = 0; id < warmUp; id++) await touch(make(-1 - id));
  const live = new LiveObjects();
  const held = await holdAll(id => live.watch(make(id)), touch);
  const count = await live.count();
  expect(held).toHaveLength(ROWS);
  return count;
}

/** In a function of its own: one that is suspended may keep the last row in a register, which no program can see. */
async function holdAll<R extends object>(
  make: (id: number) => R,
  touch: (row: R) => unknown,
): Promise<unknown[]> {
  const held: unknown[] = [];
  for (let id = 0; id < ROWS; id++) held.push(await touch(make(id)));
  return held;
}

describe('what is held of a row keeps no row in memory', () => {
  const handle = (doc: Doc) => weak.f.of(doc);
  const cases: Record<string, (doc: Doc) => unknown> = {
    'the handle, touched once': handle,
    'touched twice': doc => [handle(doc), handle(doc)],
    'touched three times': doc => [handle(doc), handle(doc), handle(doc)],
    'touched a hundred times': doc => {
      for (let index = 0; index < 99; index++) handle(doc);
      return handle(doc);
    },
    'its owner was asked for': doc => [handle(doc), handle(doc).owner === doc],
    'its owner was awaited with': async doc => {
      const { owner } = handle(doc);
      await Promise.resolve();
      return [handle(doc), owner?.id];
    },
    'it was saved': async doc => {
      const held = handle(doc);
      await held.save('x', { name: 'saved.txt' });
      await held.delete();
      return held;
    },
    'a signal that lives on': async doc => {
      const controller = new AbortController();
      const held = handle(doc);
      await held.save('x', { name: 'saved.txt', signal: controller.signal });
      await held.delete();
      return [held, controller];
    },
    'an upload that was aborted, with its error': async doc => {
      const controller = new AbortController();
      const content = new ReadableStream<Uint8Array>({ pull: () => controller.abort() });
      const error = await handle(doc)
        .save(content, { name: 'never.txt', signal: controller.signal })
        .catch(reason => reason);
      expect(isFieldFileError(error, 'aborted')).toBe(true);
      return [handle(doc), controller, error];
    },
    'an upload that failed, with its error': async doc => {
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield new Uint8Array(10);
        throw new Error('the source failed');
      }
      const error = await handle(doc)
        .save(broken(), { name: 'never.txt' })
        .catch(reason => reason);
      expect(error.message).toBe('the source failed');
      return [handle(doc), error];
    },
    'an error thrown by reading': async doc => {
      const error = await handle(doc)
        .stored?.bytes({ start: -1 })
        .catch(reason => reason);
      expect(isFieldFileError(error, 'invalid-argument')).toBe(true);
      return error;
    },
    'JSON, text and a cloned reference': doc => [
      JSON.stringify(handle(doc)),
      String(handle(doc)),
      structuredClone(handle(doc).reference()),
      handle(doc),
    ],
    'an open file': async doc => {
      const opened = await handle(doc).stored?.open();
      await opened?.text();
      return opened;
    },
    'pending content': doc => {
      weak.f.set(doc, file('new', 'new.txt'));
      return handle(doc);
    },
    'content that was uploaded': async doc => {
      weak.f.set(doc, file('new', 'new.txt'));
      await upload(doc);
      await handle(doc).delete();
      return handle(doc);
    },
    'the handle of a bound row': doc => bound.f.of(doc),
  };
  for (const [name, touch] of Object.entries(cases))
    test(name, async () => expect(await liveAfter(row, touch)).toBe(0));

  test('the handle of an entity, through its accessor', async () => {
    expect(await liveAfter(entity, instance => instance.f)).toBe(0);
  });

  test('an error thrown out of a method of the row itself', async () => {
    expect(await liveAfter(entity, instance => instance.failing())).toBe(0);
  });

  test('a strong field keeps every row: the control that shows these tests can fail', async () => {
    expect(await liveAfter(row, doc => strong.f.of(doc))).toBe(ROWS);
  });

  test('a row that is held keeps its handle, and only that', async () => {
    expect(await liveAfter(row, doc => [doc, weak.f.of(doc)])).toBe(ROWS);
  });
});

describe('a synchronous loop', () => {
  const bytesInUse = (): number => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };

  /** Below the size from which Node keeps a text outside of the heap, where it is swept at leisure. */
  const ROW_BYTES = 900 * 1024;

  /** Touches rows in one job and holds their handles; the memory in use at its end, before any turn. */
  function growthInOneJob(): number {
    const before = bytesInUse();
    const held: unknown[] = [];
    for (let id = 0; id < ROWS; id++) {
      const payload = Buffer.alloc(ROW_BYTES, 'b').toString('latin1');
      held.push(weak.f.of({ id, f: 'doc.txt', payload }));
    }
    const growth = bytesInUse() - before;
    expect(held).toHaveLength(ROWS);
    return growth;
  }

  test('keeps a bounded number of rows alive, where a WeakRef alone keeps them all', async () => {
    await turn();
    configure({ releaseKept: false });
    const naive = growthInOneJob();
    await turn();
    configure({ releaseKept: true, releaseBudgetBytes: 16 * 1024 * 1024 });
    const released = growthInOneJob();
    configure({ releaseBudgetBytes: 4 * 1024 * 1024 });
    expect(naive).toBeGreaterThan(0.95 * ROWS * ROW_BYTES);
    expect(released).toBeLessThan(0.4 * ROWS * ROW_BYTES);
  });

  test('keeps not even the row that was touched last, once the budget is used up', () => {
    configure({ releaseBudgetBytes: 0 });
    const handle = (() => weak.f.of(row(1)))();
    globalThis.gc?.();
    configure({ releaseBudgetBytes: 4 * 1024 * 1024 });
    expect(handle.owner).toBeUndefined();
  });
});

describe('the owner of a handle', () => {
  test('is the row itself while it lives', () => {
    const doc = row(1);
    const handle = weak.f.of(doc);
    expect(handle.owner).toBe(doc);
    expect(weak.f.of(doc)).toBe(handle);
  });

  test('is undefined once the row is collected, and reading goes on', async () => {
    const handle = (() => weak.f.of(row(1)))();
    await turn();
    globalThis.gc?.();
    expect(handle.owner).toBeUndefined();
    expect(handle.name).toBe('doc.txt');
    const { stored } = handle;
    expect(await stored?.text()).toBe('content');
    expect(await stored?.size()).toBe(7);
    expect(await stored?.exists()).toBe(true);
    expect((await stored?.info())?.sizeBytes).toBe(7);
    expect([String(handle), JSON.stringify(handle), handle.equals('doc.txt')]).toEqual([
      'doc.txt',
      '"doc.txt"',
      true,
    ]);
    expect(handle.reference()).toEqual({ model: 'doc', field: 'f', name: 'doc.txt', key: { id: 1 } });
  });

  test('stays alive while a save is in flight, also when everything is optimised, and goes when it settles', async () => {
    const gate = Promise.withResolvers<void>();
    async function* slow(wait: Promise<void>): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      await wait;
    }
    const save = (doc: Doc, wait: Promise<void>) => weak.f.of(doc).save(slow(wait), { name: 'slow.txt' });
    for (let id = 0; id < WARM_UP; id++) await save(row(id), Promise.resolve());
    const live = new LiveObjects();
    const saves = Array.from({ length: 10 }, (_, id) => save(live.watch(row(id)), gate.promise));
    expect(await live.count()).toBe(10);
    gate.resolve();
    await Promise.all(saves);
    expect(await live.count()).toBe(0);
  });
});

describe('writing when the owner is gone', () => {
  function collected(field: typeof weak.f, id = 1): FieldFile {
    return (() => field.of(row(id)))();
  }

  test('without a way to update the row: owner-collected, and the storage is not called', async () => {
    const calls: string[] = [];
    const backend = new Proxy(new MemoryBackend({}), {
      get(target, property) {
        const value = Reflect.get(target, property, target);
        if (typeof value !== 'function') return value;
        return (...parameters: unknown[]) => {
          calls.push(String(property));
          return value.apply(target, parameters);
        };
      },
    });
    const recorded = defineFiles(model<Doc>()('recorded', 'id'), { f: { storage: new Storage(backend) } });
    const handle = collected(recorded.f as unknown as typeof weak.f);
    await turn();
    globalThis.gc?.();
    for (const write of [
      () => handle.save('x', { name: 'x.txt' }),
      () => handle.delete(),
      () => handle.stored?.replace('x'),
    ]) {
      const error = await Promise.resolve(write()).catch(reason => reason);
      expect(isFieldFileError(error, 'owner-collected')).toBe(true);
      expect(error).toMatchObject({
        name: 'OwnerCollectedError',
        model: 'recorded',
        field: 'recorded.f',
        key: { id: 1 },
      });
      expect(error.message).toContain('binding');
    }
    expect(calls).toEqual([]);
  });

  test('with a binding the row is updated by its key', async () => {
    await table.insert(row(7, null));
    const handle = await bound.f.byKey({ id: 7 });
    await turn();
    globalThis.gc?.();
    expect(handle.owner).toBeUndefined();
    await handle.save('by key', { name: 'by-key.txt' });
    expect((await table.get({ id: 7 })).f).toBe('by-key.txt');
    expect(await handle.stored?.text()).toBe('by key');
  });

  test('a callable uploadTo gets the row loaded again', async () => {
    const folders = defineFiles(
      model<Doc>()('folderDoc', 'id'),
      { f: { storage, uploadTo: (doc, name) => `${doc.payload.length}/${doc.id}/${name}` } },
      table.binding,
    );
    await table.insert(row(8, null));
    const handle = await folders.f.byKey({ id: 8 });
    await turn();
    globalThis.gc?.();
    await handle.save('x', { name: 'x.txt' });
    expect((await table.get({ id: 8 })).f).toBe('1001/8/x.txt');
  });

  test('a temporary row works: load, take the handle, save', async () => {
    await table.insert(row(9, null));
    await (await bound.f.byKey({ id: 9 })).save('x', { name: 'temporary.txt' });
    expect((await table.get({ id: 9 })).f).toBe('temporary.txt');
  });
});
