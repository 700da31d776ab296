import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import { Storage } from '@fieldfile/storage';
import { subject } from './on-memory.ts';

/** Makes its id of the client, not of where the objects are. */
export function namesItselfAnew(): Promise<StorageUnderTest> {
  const backend = new MemoryBackend();
  const renamed = new Proxy(backend, {
    get(target, property) {
      if (property === 'id') return `${target.id}, another client`;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return subject(backend, { reopen: async () => new Storage(renamed) });
}

/** Says that its objects are elsewhere whenever it is asked. */
export function movesAbout(): MemoryBackend {
  const backend = new MemoryBackend();
  return Object.defineProperty(backend, 'place', {
    get: () => ({ id: backend.id, space: Symbol('elsewhere'), path: '' }),
  });
}
