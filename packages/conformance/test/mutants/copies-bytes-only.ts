import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo } from '@fieldfile/storage';
import type { Candidates, ObjectName, WriteOptions } from '@fieldfile/storage/backend';

/** Copies the bytes and forgets what is kept beside them. */
export class CopiesBytesOnly extends MemoryBackend {
  override copy(from: ObjectName, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return super.copy(from, names, { contentType: 'application/octet-stream', metadata: {}, ...options });
  }
}
