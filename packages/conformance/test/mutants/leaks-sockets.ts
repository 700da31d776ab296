import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectName, ReadOptions, ReadResult } from '@fieldfile/storage/backend';
import { subject } from './on-memory.ts';

/** Closes its connection at the end of the body, and when nobody reads that far, never. */
class LeaksSockets extends MemoryBackend {
  sockets = 0;

  override async read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    const { info, stream: body } = await super.read(name, options);
    this.sockets += 1;
    const reader = body.getReader();
    const open = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async controller => {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        this.sockets -= 1;
        controller.close();
      },
    });
    return { info, stream: open, [Symbol.asyncDispose]: async () => {} };
  }
}

export function leaksSockets(): Promise<StorageUnderTest> {
  const backend = new LeaksSockets();
  return subject(backend, { sockets: async () => backend.sockets });
}
