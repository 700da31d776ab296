import { AnonymousCredential, ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { type AzureStorageOptions, refuse } from './options.ts';

/**
 * The client of the container. One that is made here never repeats a request: what may be repeated is `Storage`'s to
 * decide, and a conditional create that the client repeats would take its own first attempt for another's.
 */
export function containerClient(options: AzureStorageOptions): ContainerClient {
  const { client, azureContainer = '', connectionString, tokenCredential, sasToken } = options;
  if (client) return client;
  const pipeline = { ...options.clientOptions, retryOptions: { maxTries: 1 } };
  try {
    if (connectionString !== undefined)
      return new ContainerClient(connectionString, azureContainer, pipeline);
    const url = `${serviceUrl(options)}/${azureContainer}`;
    const { accountName, accountKey } = options;
    if (accountName !== undefined && accountKey !== undefined)
      return new ContainerClient(url, new StorageSharedKeyCredential(accountName, accountKey), pipeline);
    if (tokenCredential) return new ContainerClient(url, tokenCredential, pipeline);
    const signed = sasToken === undefined ? url : `${url}?${sasToken.replace(/^\?/, '')}`;
    return new ContainerClient(signed, new AnonymousCredential(), pipeline);
  } catch (error) {
    // The error's own text may repeat the connection string.
    const option = connectionString === undefined ? 'these options of access' : 'connectionString';
    return refuse(
      option,
      '',
      `the SDK cannot read it (${(error as Error).name}); copy it from the portal as it is`,
    );
  }
}

function serviceUrl({
  accountName,
  endpoint,
  azureSsl = true,
  endpointSuffix = 'core.windows.net',
}: AzureStorageOptions): string {
  if (endpoint !== undefined) return endpoint.replace(/\/+$/, '');
  return `${azureSsl ? 'https' : 'http'}://${accountName}.blob.${endpointSuffix}`;
}
