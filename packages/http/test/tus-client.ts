import type { ReadStream } from 'node:fs';
import { Upload } from 'tus-js-client';

export type ClientOptions = Partial<NonNullable<ConstructorParameters<typeof Upload>[1]>>;

/** Uploads by the unmodified client. It tries as long as something is wrong. @returns the upload's token. */
export function uploadByClient(content: Buffer | ReadStream, options: ClientOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(content as Buffer, {
      metadata: { filename: 'größe.mp4', filetype: 'video/mp4' },
      retryDelays: Array.from({ length: 100 }, (_, attempt) => Math.min(attempt * 10, 200)),
      ...options,
      onError: reject,
      onSuccess: () => resolve(tokenOf(upload.url ?? '')),
    });
    upload.start();
  });
}

/** What an application makes of an upload's address. */
export const tokenOf = (url: string): string => new URL(url).pathname.split('/').at(-1) ?? '';
