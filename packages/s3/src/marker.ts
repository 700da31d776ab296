import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { isFieldFileError, type RetryOptions } from '@fieldfile/storage';
import { type ObjectName, withRetries } from '@fieldfile/storage/backend';
import { abortUpload, abortUploads } from './abort-upload.ts';
import type { Answer, Connection, S3Command } from './connection.ts';
import { copySource } from './key-encoding.ts';
import type { ObjectParameters } from './options.ts';

/** The name that a storage keeps for itself, below its location. */
export const MARKER = '.fieldfile';

/** An odd size, by which a listing tells another location's marker from an object that is called so. */
const MARKER_BYTES = 499;

const CONTENT: Uint8Array = Buffer.from(
  'FieldFile keeps this object. By writing it once more on the condition that it is not there, a process learns with one request that the service honours conditions, without which files could overwrite each other. It is made anew when it is missing.\n'.padEnd(
    MARKER_BYTES,
  ),
);

/** On what a request about the marker depends. */
export interface MarkerCondition {
  readonly IfNoneMatch?: '*';
  readonly IfMatch?: string;
}

/** The marker of which name, below `location`. */
export const markerKey = (location: string | undefined): ObjectName =>
  (location ? `${location}/${MARKER}` : MARKER) as ObjectName;

/** Whether what is listed is the marker of this storage, or of one below. */
export function isMarker(own: ObjectName, key: string, sizeBytes: number | undefined): boolean {
  return key === own || (key.endsWith(`/${MARKER}`) && sizeBytes === MARKER_BYTES);
}

/** What a server is asked on a marker with. */
export interface MarkerOptions {
  readonly encryption: ObjectParameters;
  readonly retry: RetryOptions;
  /** An upload that began so long before another one is of a process that died. */
  readonly uploadMs: number;
}

/**
 * An object with always the same content, on which is tried what the server makes of conditions. Every request may be
 * made again, and leaves the marker as it was.
 */
export class Marker {
  readonly name: ObjectName;
  readonly #connection: Connection;
  readonly #encryption: ObjectParameters;
  readonly #retry: RetryOptions;
  readonly #uploadMs: number;

  constructor(connection: Connection, name: ObjectName, { encryption, retry, uploadMs }: MarkerOptions) {
    this.#connection = connection;
    this.name = name;
    this.#encryption = encryption;
    this.#retry = retry;
    this.#uploadMs = uploadMs;
  }

  async put(condition: MarkerCondition): Promise<void> {
    await this.#send(
      () => new PutObjectCommand({ ...this.#object, ...this.#encryption, Body: CONTENT, ...condition }),
    );
  }

  async etag(): Promise<string | undefined> {
    return (await this.#send(() => new HeadObjectCommand(this.#object))).ETag;
  }

  /** Onto itself. */
  async copy(condition: MarkerCondition & { readonly CopySourceIfMatch?: string }): Promise<void> {
    await this.#send(
      () =>
        new CopyObjectCommand({
          ...this.#object,
          ...this.#encryption,
          CopySource: copySource(this.#connection.bucket, this.name),
          MetadataDirective: 'REPLACE',
          ...condition,
        }),
    );
  }

  async remove(condition: MarkerCondition = {}): Promise<void> {
    await this.#send(() => new DeleteObjectCommand({ ...this.#object, ...condition }));
  }

  /**
   * An upload of the content as one part, which can be completed until it is, and is aborted if it never was. Then the uploads of
   * processes that were killed at it are aborted, too.
   *
   * @throws `conflict` where another process has taken this one for such an upload.
   */
  async upload(
    use: (complete: (condition: MarkerCondition) => Promise<void>) => Promise<boolean>,
  ): Promise<boolean> {
    const uploads = { connection: this.#connection, retry: this.#retry, liveUploads: NONE };
    const { UploadId = '', answeredAt } = await this.#send(
      () => new CreateMultipartUploadCommand({ ...this.#object, ...this.#encryption }),
      // Nobody knows the one whose beginning was not answered. Whoever loses another one by that proves once more.
      () => abortUploads(uploads, this.name, {}, undefined),
    );
    const part = { UploadId, PartNumber: 1, Body: CONTENT };
    let isCompleted = false;
    try {
      const { ETag } = await this.#send(() => new UploadPartCommand({ ...this.#object, ...part }));
      const isKept = await use(async condition => {
        const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
        await this.#send(
          () =>
            new CompleteMultipartUploadCommand({ ...this.#object, UploadId, MultipartUpload, ...condition }),
        );
        isCompleted = true;
      });
      const before = new Date(answeredAt.getTime() - this.#uploadMs);
      await abortUploads(uploads, this.name, { before }, undefined).catch(leftToOthers);
      return isKept;
    } finally {
      if (!isCompleted) await abortUpload(uploads, this.name, UploadId, 'prove');
    }
  }

  get #object(): { readonly Bucket: string; readonly Key: ObjectName } {
    return { Bucket: this.#connection.bucket, Key: this.name };
  }

  #send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: () => S3Command<Input, Output>,
    afterLostAnswer?: () => Promise<void>,
  ): Promise<Answer<Output>> {
    const call = { operation: 'prove', name: this.name, writes: true };
    return withRetries<Answer<Output>>(
      async () => {
        try {
          return await this.#connection.send(command(), call);
        } catch (error) {
          if (isFieldFileError(error) && error.applied === 'unknown') await afterLostAnswer?.();
          throw error;
        }
      },
      this.#retry,
      undefined,
    );
  }
}

const NONE: ReadonlySet<string> = new Set();

/** To list uploads is a right of its own, and some servers cannot. What is proved is proved, and the next proof tries again. */
function leftToOthers(error: unknown): void {
  if (!isFieldFileError(error)) throw error;
}
