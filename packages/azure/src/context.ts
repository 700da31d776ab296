import type { BlobHTTPHeaders, BlockBlobClient, HttpAuthorization, Tags } from '@azure/storage-blob';
import type { WriteId } from '@fieldfile/storage';
import type { ObjectName, WriteOptions } from '@fieldfile/storage/backend';
import type { TransferSettings } from './options.ts';

/** What is stored with an object. */
export interface BlobAttributes {
  readonly writeId: WriteId;
  /** As the SDK takes it. */
  readonly stored: {
    readonly metadata: Record<string, string>;
    readonly blobHTTPHeaders: BlobHTTPHeaders;
    readonly tier?: string;
    readonly tags?: Tags;
    readonly encryptionScope?: string;
  };
}

/** Where the service may read an object itself. */
export interface CopySource {
  readonly url: string;
  readonly sourceAuthorization?: HttpAuthorization;
}

/** What uploads and copies need of their backend. */
export interface AzureContext {
  readonly settings: TransferSettings;
  /** The client may repeat requests by itself: a name that is occupied may then be of this very write. */
  readonly clientRepeats: boolean;
  blob(name: ObjectName): BlockBlobClient;
  attributes(name: ObjectName, options: WriteOptions): BlobAttributes;
  copySource(name: ObjectName): Promise<CopySource>;
  /** The name of a write was given to another while it was under way. */
  takenAway(name: ObjectName): Error;
  explain(error: unknown, operation: string, name: ObjectName): unknown;
}
