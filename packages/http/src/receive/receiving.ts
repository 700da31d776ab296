import type { AnyFileField, StagedFile } from '@fieldfile/core';
import type { Digest } from '@fieldfile/storage';
import { checkedBody } from '../routes/checked-body.ts';
import type { DeclaredFormField } from './form-fields.ts';
import type { FormTokenOptions } from './form-token.ts';
import type { Limits } from './limits.ts';
import { refusedRequest } from './refused-request.ts';
import type { ReceiveProgress } from './request-body.ts';
import { StagedFiles } from './staged-files.ts';

/** What came of each of the form's fields, in the order it came. */
export type Values = ReadonlyMap<string, readonly (StagedFile | string)[]>;

export interface ReceivingOptions extends Partial<FormTokenOptions> {
  readonly request: Request;
  readonly fields: ReadonlyMap<string, DeclaredFormField>;
  readonly limits: Limits;
  readonly keepSeconds: number;
  readonly onProgress?: (progress: ReceiveProgress) => void;
}

/** What is known of content before it is read. */
export interface Upload {
  readonly name: string;
  readonly contentType: string | undefined;
  readonly digests: readonly Digest[];
  readonly sizeBytes?: number;
}

/** One request that is being received. */
export class Receiving {
  readonly request: Request;
  readonly fields: ReadonlyMap<string, DeclaredFormField>;
  readonly limits: Limits;
  readonly files: StagedFiles = new StagedFiles();
  readonly tokens: Partial<FormTokenOptions>;
  readonly onProgress: ((progress: ReceiveProgress) => void) | undefined;
  readonly #keepSeconds: number;

  constructor({ request, fields, limits, keepSeconds, onProgress, ...tokens }: ReceivingOptions) {
    this.request = request;
    this.fields = fields;
    this.limits = limits;
    this.tokens = tokens;
    this.onProgress = onProgress;
    this.#keepSeconds = keepSeconds;
  }

  /** Stores one file while it comes in. @throws as `field.stage`; `too-many-files`, `too-large`, `integrity`. */
  async store(field: AnyFileField, bytes: AsyncIterable<Uint8Array>, upload: Upload): Promise<StagedFile> {
    const { maxFiles, maxFileBytes } = this.limits;
    if (this.files.count >= maxFiles)
      throw refusedRequest('too-many-files', `The request has more than ${maxFiles} files.`);
    const { name, contentType, digests, sizeBytes } = upload;
    const limited = atMost(bytes, maxFileBytes);
    const file = await field.stage(digests.length > 0 ? checkedBody(limited, digests) : limited, {
      name,
      signal: this.request.signal,
      keepSeconds: this.#keepSeconds,
      ...(contentType === undefined ? {} : { contentType }),
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
    });
    this.files.add(field, file);
    return file;
  }
}

async function* atMost(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sizeBytes = 0;
  for await (const chunk of bytes) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) throw refusedRequest('too-large', `A file has more than ${maxBytes} bytes.`);
    yield chunk;
  }
}
