import type { ObjectHeaders, StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import { type SignedUpload, Storage } from '@fieldfile/storage';
import { newWriteId, type ObjectName, toSource, type UrlMethod } from '@fieldfile/storage/backend';
import { subject } from './on-memory.ts';

/** Gives its objects headers, but not those that somebody else uploads. */
class ForgetsUploadHeaders extends MemoryBackend {
  override readonly cannot: readonly UrlMethod[] = ['publicUrl'];
  readonly #uploaded = new Set<string>();
  given: ObjectHeaders = {};

  override async signUrl(name: ObjectName): Promise<string> {
    return `http://localhost/${encodeURIComponent(name)}`;
  }

  override async signUpload(name: ObjectName): Promise<SignedUpload<'method' | 'name'>> {
    const url = await this.signUrl(name);
    return { method: 'PUT', url, headers: {}, enforced: new Set(['method', 'name']) };
  }

  async take(request: Request): Promise<Response> {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1)) as ObjectName;
    if (request.method === 'GET') {
      const { cacheControl, contentLanguage, contentDisposition } = this.#uploaded.has(name)
        ? {}
        : this.given;
      return new Response('', {
        headers: {
          ...(cacheControl === undefined ? {} : { 'cache-control': cacheControl }),
          ...(contentLanguage === undefined ? {} : { 'content-language': contentLanguage }),
          ...(contentDisposition === undefined ? {} : { 'content-disposition': contentDisposition }),
        },
      });
    }
    this.#uploaded.add(name);
    const source = toSource(await request.bytes(), { operation: 'replace' });
    await this.replace(name, source, { writeId: newWriteId() });
    return new Response('');
  }
}

export function forgetsUploadHeaders(): Promise<StorageUnderTest> {
  const backend = new ForgetsUploadHeaders();
  return subject(backend, {
    async giving(headers) {
      backend.given = headers;
      return new Storage(backend);
    },
    fetch: request => backend.take(request),
  });
}
