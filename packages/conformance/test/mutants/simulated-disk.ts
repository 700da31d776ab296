import { intercept } from '@fieldfile/conformance';
import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import { type ObjectInfo, Storage } from '@fieldfile/storage';
import { newWriteId, type ObjectName, toSource } from '@fieldfile/storage/backend';
import { subject } from './on-memory.ts';

/** What a backend on the disk flushes before it answers. */
export interface Flushing {
  readonly content: boolean;
  /** The folders that were made for the object. */
  readonly folders: boolean;
}

/**
 * A disk with a cache: what was written is there, and gone after a loss of power unless it was flushed. With
 * everything flushed it keeps the contract.
 */
export function simulatedDisk(flushing: Flushing): Promise<StorageUnderTest> {
  const cached = new MemoryBackend();
  const durable = new Map<ObjectName, Uint8Array>();
  const durableFolders = new Set(['']);

  const flush = async (name: ObjectName): Promise<void> => {
    const { stream: body } = await cached.read(name);
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    if (flushing.content) durable.set(name, bytes);
    if (flushing.folders) durableFolders.add(folderOf(name));
  };
  const disk = intercept(cached, {
    list: (_call, proceed) => proceed(),
    async call({ operation }, proceed) {
      const answer = await proceed();
      if (['create', 'replace', 'copy', 'complete'].includes(operation))
        await flush((answer as ObjectInfo).name);
      return answer;
    },
  });
  const crash = async (): Promise<Storage> => {
    const afterwards = new MemoryBackend();
    for (const [name, bytes] of durable)
      if (durableFolders.has(folderOf(name)))
        await afterwards.replace(name, toSource(bytes, { operation: 'replace' }), { writeId: newWriteId() });
    return new Storage(afterwards);
  };
  return subject(disk, { crash });
}

const folderOf = (name: ObjectName): string => name.slice(0, Math.max(0, name.lastIndexOf('/')));
