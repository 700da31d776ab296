import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import type { SignedUpload } from '@fieldfile/storage';
import { newWriteId, type ObjectName, toSource, type UrlMethod } from '@fieldfile/storage/backend';
import { subject } from './on-memory.ts';

/** Binds uploads to a type that it does not tell. */
class SignsUntoldHeaders extends MemoryBackend {
  override readonly cannot: readonly UrlMethod[] = ['publicUrl', 'signUrl'];

  override async signUpload(name: ObjectName): Promise<SignedUpload<'method' | 'name'>> {
    const url = `http://localhost/${encodeURIComponent(name)}`;
    return { method: 'PUT', url, headers: {}, enforced: new Set(['method', 'name']) };
  }

  async take(request: Request): Promise<Response> {
    if (request.headers.get('content-type') !== 'application/octet-stream')
      return new Response('', { status: 403 });
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1)) as ObjectName;
    const source = toSource(await request.bytes(), { operation: 'replace' });
    await this.replace(name, source, { writeId: newWriteId() });
    return new Response('');
  }
}

export function signsUntoldHeaders(): Promise<StorageUnderTest> {
  const backend = new SignsUntoldHeaders();
  return subject(backend, { fetch: request => backend.take(request) });
}
