import { FieldFileError, Storage, type Wrapped, withPrefix } from '@fieldfile/storage';
import { AzureBackend } from './backend.ts';
import type { AzureStorageOptions } from './options.ts';

/**
 * Objects in a container of Azure Blob Storage: never overwritten unasked, whole or absent, private unless the container
 * is public.
 *
 * Constructing one does no I/O; the container must be there.
 *
 * @example
 * ```ts
 * import { AzureStorage } from '@fieldfile/azure';
 *
 * const storage = new AzureStorage({
 *   azureContainer: 'media',
 *   accountName: 'example',
 *   accountKey: process.env.AZURE_ACCOUNT_KEY ?? '',
 * });
 * const name = await storage.save('notes/hello.txt', 'Hello');
 * await storage.signedUrl(name, { expiresInSeconds: 300 });
 * ```
 */
export class AzureStorage extends Storage<Wrapped<AzureBackend>> {
  /** @throws `invalid-argument`, naming the option and the fix. */
  constructor(options: AzureStorageOptions) {
    super(backendOf(options), options);
  }
}

function backendOf(options: AzureStorageOptions): Wrapped<AzureBackend> {
  const backend = new AzureBackend(options);
  const location = options.location?.replace(/\/+$/, '');
  if (!location) return backend;
  try {
    return withPrefix(backend, location, { id: options.id });
  } catch (error) {
    throw new FieldFileError(
      'invalid-argument',
      `AzureStorage cannot use location ${JSON.stringify(location)}: give a folder such as "media/users".`,
      { operation: 'construct', cause: error },
    );
  }
}
