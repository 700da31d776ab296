import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectName, ReadOptions, ReadResult } from '@fieldfile/storage/backend';

/** Gives every reader the same buffer. */
export class SharesMemory extends MemoryBackend {
  readonly #cache = new Map<string, Uint8Array<ArrayBuffer>>();

  override async read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    const result = await super.read(name, options);
    if (options.range) return result;
    const cached =
      this.#cache.get(result.info.version) ?? new Uint8Array(await new Response(result.stream).arrayBuffer());
    this.#cache.set(result.info.version, cached);
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        if (cached.byteLength > 0) controller.enqueue(cached);
        controller.close();
      },
    });
    return { info: result.info, stream: body, [Symbol.asyncDispose]: () => result[Symbol.asyncDispose]() };
  }
}
