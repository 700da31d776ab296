import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, SignedUpload, SignedUploadOptions, Source, WriteId } from '@fieldfile/storage';
import type { BoundByOwnKey, ObjectName, ReplaceOptions } from '@fieldfile/storage/backend';
import { serveSigned } from '@fieldfile/test-servers/serve-signed';
import { subject } from './on-memory.ts';

const URLS = { baseUrl: '/media/', signingKey: 'thirty-two bytes and some more of them' };

/** Takes the upload of a URL as often as it comes, whatever it was to replace. */
class RepeatsUploads extends MemoryBackend {
  override replace(name: ObjectName, source: Source, options: ReplaceOptions): Promise<ObjectInfo> {
    const { ifMatch: _, ...rest } = options;
    return super.replace(name, source, rest);
  }
}

/** Stores an upload as another write than was signed. */
class ForgetsUploads extends MemoryBackend {
  override signUpload(name: ObjectName, options: SignedUploadOptions): Promise<SignedUpload<BoundByOwnKey>> {
    const { replaces } = options;
    if (!replaces) return super.signUpload(name, options);
    return super.signUpload(name, { ...options, replaces: { ...replaces, writeId: 'another' as WriteId } });
  }
}

const served = (backend: MemoryBackend): Promise<StorageUnderTest> =>
  subject(backend, { fetch: serveSigned(backend) });

export const repeatsUploads = (): Promise<StorageUnderTest> => served(new RepeatsUploads(URLS));

export const forgetsUploads = (): Promise<StorageUnderTest> => served(new ForgetsUploads(URLS));
