import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import { Storage, type UrlOptions } from '@fieldfile/storage';

/** Signs what no header can say, as if nobody had asked for it. */
class SignsAnyText extends Storage<MemoryBackend> {
  override signedUrl(name: string, { expiresInSeconds }: UrlOptions): Promise<string> {
    return super.signedUrl(name, { expiresInSeconds });
  }
}

/** Signs half a character's name of a download as a name of its own, which is lost on the way. */
class CutsNames extends Storage<MemoryBackend> {
  override signedUrl(name: string, options: UrlOptions): Promise<string> {
    const { download } = options;
    return super.signedUrl(name, {
      ...options,
      ...(typeof download === 'string' ? { download: download.toWellFormed() } : {}),
    });
  }
}

const backend = (): MemoryBackend =>
  new MemoryBackend({ baseUrl: '/media/', signingKey: 'thirty-two bytes and some more of them' });

export const signsAnyText = async (): Promise<StorageUnderTest> => ({ storage: new SignsAnyText(backend()) });

export const cutsNames = async (): Promise<StorageUnderTest> => ({ storage: new CutsNames(backend()) });
