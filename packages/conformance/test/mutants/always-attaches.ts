import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import type { UrlOptions } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import { serveSigned } from '@fieldfile/test-servers/serve-signed';
import { subject } from './on-memory.ts';

/** Signs for what shall be saved, and for nothing else that was asked for. */
class AlwaysAttaches extends MemoryBackend {
  override signUrl(name: ObjectName, options: UrlOptions): Promise<string> {
    const { cacheControl: _, ...rest } = options;
    return super.signUrl(name, { ...rest, disposition: 'attachment' });
  }
}

export function alwaysAttaches(): Promise<StorageUnderTest> {
  const backend = new AlwaysAttaches({
    baseUrl: '/media/',
    signingKey: 'thirty-two bytes and some more of them',
  });
  return subject(backend, { fetch: serveSigned(backend) });
}
