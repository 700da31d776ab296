import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import type { SignedRequest } from '@fieldfile/storage/backend';
import { serveSigned } from '@fieldfile/test-servers/serve-signed';
import { subject } from './on-memory.ts';

/** Binds the digest of an upload, and tells nobody who takes it. */
class ForgetsDigests extends MemoryBackend {
  override verifyToken(address: string | URL | URLSearchParams, method: string): SignedRequest {
    const { digest: _, ...allowed } = super.verifyToken(address, method);
    return allowed;
  }
}

export function forgetsDigests(): Promise<StorageUnderTest> {
  const backend = new ForgetsDigests({
    baseUrl: '/media/',
    signingKey: 'thirty-two bytes and some more of them',
  });
  return subject(backend, { fetch: serveSigned(backend) });
}
