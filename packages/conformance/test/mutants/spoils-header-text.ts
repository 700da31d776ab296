import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';

/** Reads metadata into an object that has some already, as readers of headers do that join what comes twice. */
export class SpoilsHeaderText extends MemoryBackend {
  override async info(name: ObjectName): Promise<ObjectInfo | undefined> {
    const info = await super.info(name);
    if (!info) return undefined;
    const metadata: Record<string, string> = {};
    for (const [name, value] of Object.entries(info.metadata))
      metadata[name] = name in metadata ? `${metadata[name]},${value}` : value;
    return { ...info, metadata };
  }
}
