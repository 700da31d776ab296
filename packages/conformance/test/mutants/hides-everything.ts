import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import { serveSigned } from '@fieldfile/test-servers/serve-signed';
import { subject } from './on-memory.ts';

/** Takes a visibility, and serves nothing to whoever has no signed URL. */
class HidesEverything extends MemoryBackend {
  readonly keepsVisibility = true;
}

export function hidesEverything(): Promise<StorageUnderTest> {
  const backend = new HidesEverything({
    baseUrl: '/media/',
    signingKey: 'thirty-two bytes and some more of them',
  });
  return subject(backend, { fetch: serveSigned(backend) });
}
