import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { Candidates, WriteOptions } from '@fieldfile/storage/backend';

/** Learns that a name is occupied after it sent the content, and sends what is left of the stream under the next. */
export class ResendsConsumedStream extends MemoryBackend {
  override async create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    let chunks: AsyncIterator<Uint8Array> | undefined;
    const leftOver: Source = {
      replayable: source.replayable,
      open: signal => {
        chunks ??= source.open(signal)[Symbol.asyncIterator]();
        const rest = chunks;
        return { [Symbol.asyncIterator]: () => rest };
      },
    };
    let name = names.first;
    while (await this.info(name)) {
      for await (const _ of leftOver.open(options.signal));
      name = await names.next(name);
    }
    return super.create(leftOver, { first: name, next: refused => names.next(refused) }, options);
  }
}
