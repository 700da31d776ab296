import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import type { UrlOptions } from '@fieldfile/storage';
import type { ObjectKey } from '@fieldfile/storage/backend';
import { serveSigned } from '@fieldfile/test-servers/serve-signed';
import { subject } from './on-memory.ts';

/** Signs for what shall be saved, whatever was asked for. */
class AlwaysAttaches extends MemoryBackend {
  override signUrl(key: ObjectKey, options: UrlOptions): Promise<string> {
    return super.signUrl(key, { ...options, disposition: 'attachment' });
  }
}

export function alwaysAttaches(): Promise<StorageUnderTest> {
  const backend = new AlwaysAttaches({
    baseUrl: '/media/',
    signingKey: 'thirty-two bytes and some more of them',
  });
  return subject(backend, { fetch: serveSigned(backend) });
}
