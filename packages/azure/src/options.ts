import type { ContainerClient, StoragePipelineOptions, Tags } from '@azure/storage-blob';
import { FieldFileError, type RetryOptions, type StorageOptions } from '@fieldfile/storage';
import { type ListOrder, type ObjectName, withoutPassword } from '@fieldfile/storage/backend';

/** What `@azure/identity` gives, for instance `new DefaultAzureCredential()`. */
export type TokenCredential = Extract<ContainerClient['credential'], { getToken: unknown }>;

/** What is stored with an object beside its bytes. A save's own content type, cache control and disposition win. */
export interface ObjectParameters {
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  /** `'Hot'`, `'Cool'`, `'Cold'`, `'Archive'`. An archived object cannot be read before it is rehydrated. */
  readonly tier?: string;
  /** Blob index tags. */
  readonly tags?: Tags;
  /** The name of an encryption scope of the account. Default: the container's, else the account's. */
  readonly encryptionScope?: string;
}

/**
 * Where the container is, how to get at it, and how objects are stored. Either a `client`, or `azureContainer` with
 * `connectionString` or with `accountName` or `endpoint` and one of `accountKey`, `tokenCredential` and `sasToken`.
 */
export interface AzureStorageOptions extends StorageOptions {
  /** Default: made of account and container. Needed where the address does not say the account, as a CDN's. */
  readonly id?: string;
  /** An own client, with its own retries, proxy and HTTP settings. Then no option of access is needed. */
  readonly client?: ContainerClient;
  /** The container's name. It is not created. */
  readonly azureContainer?: string;
  readonly connectionString?: string;
  readonly accountName?: string;
  readonly accountKey?: string;
  readonly tokenCredential?: TokenCredential;
  /** A shared access signature for the container or account, with or without its `?`. */
  readonly sasToken?: string;
  /** The blob service's address, where it is not `https://<accountName>.blob.<endpointSuffix>`. */
  readonly endpoint?: string;
  /** Default: `'core.windows.net'`. */
  readonly endpointSuffix?: string;
  /** `https`. Default: true. */
  readonly azureSsl?: boolean;
  /** More for the client that is made: proxy, user agent, TLS. Its `retryOptions` are not used: `retry` is. */
  readonly clientOptions?: StoragePipelineOptions;
  /** A folder of the container that holds everything; names are without it. Default: none. */
  readonly location?: string;
  /**
   * Host of public and signed URLs, for instance `media.example.com` or `example.com/files`: the container's name follows
   * it. A whole address, `https://cdn.example.com/media/`, is taken as it is.
   */
  readonly customDomain?: string;
  /** Signed URLs expire at multiples of this, rounded up, so that browsers see the same URL. Default: 1. */
  readonly expiryStepSeconds?: number;
  /** Default: none. */
  readonly cacheControl?: string;
  /** For names whose extension says nothing. Default: `'application/octet-stream'`. */
  readonly defaultContentType?: string;
  /** For every object, or for one. */
  readonly objectParameters?: ObjectParameters | ((name: ObjectName) => ObjectParameters);
  /** Content up to this is one request from memory; streams of unknown length go up in such blocks. Default: 8 MiB. */
  readonly blockSizeBytes?: number;
  /** Blocks of one upload under way at a time. Default: 4. */
  readonly concurrency?: number;
  /** Content of known length up to this is one streamed request, not blocks. Default: 256 MiB, at most 5000 MiB. */
  readonly maxSingleShotBytes?: number;
  /** Send the MD5 of every block, and keep that of the whole. Content of one block always has it. Default: false. */
  readonly contentMd5?: boolean;
  /** Delete an object's snapshots with it. Without this one that has snapshots is not deleted. Default: false. */
  readonly deleteSnapshots?: boolean;
  /** Seconds without an answer or any progress after which a request fails with `timeout`. Default: 20. */
  readonly timeout?: number;
  /**
   * How the account sorts a listing. Default: `'utf-8'`, and `'utf-16'` for the emulator. Say `'preorder'` for an
   * account with a hierarchical namespace.
   */
  readonly listOrder?: ListOrder;
}

const MIB = 1024 * 1024;

/** What the service takes in one block and in one Put Blob. */
const MAX_BLOCK_BYTES = 4000 * MIB;
const MAX_SINGLE_SHOT_BYTES = 5000 * MIB;

/** How objects are sent. */
export interface TransferSettings {
  readonly blockSizeBytes: number;
  readonly concurrency: number;
  readonly maxSingleShotBytes: number;
  readonly contentMd5: boolean;
  readonly timeoutMs: number;
  readonly retry: RetryOptions;
}

/** @throws `invalid-argument`, naming the option and the fix. */
export function transferSettings(options: AzureStorageOptions): TransferSettings {
  const {
    blockSizeBytes = 8 * MIB,
    concurrency = 4,
    maxSingleShotBytes = 256 * MIB,
    contentMd5 = false,
    timeout = 20,
    retry = {},
  } = options;
  checkNumber('blockSizeBytes', blockSizeBytes, MAX_BLOCK_BYTES);
  checkNumber('concurrency', concurrency, 1000);
  checkNumber('maxSingleShotBytes', maxSingleShotBytes, MAX_SINGLE_SHOT_BYTES);
  if (typeof timeout !== 'number' || !(timeout > 0 && timeout <= 86_400))
    refuse('timeout', timeout, 'give seconds, more than 0 and at most 86400');
  return { blockSizeBytes, concurrency, maxSingleShotBytes, contentMd5, timeoutMs: timeout * 1000, retry };
}

/** @throws `invalid-argument`, naming the option and the fix. Values of secret options are never shown. */
export function checkOptions(options: AzureStorageOptions): void {
  const { azureContainer, client, expiryStepSeconds, customDomain, listOrder, location } = options;
  if (client === undefined) {
    if (typeof azureContainer !== 'string' || !isContainerName(azureContainer))
      refuse(
        'azureContainer',
        azureContainer,
        'give the name of a container: 3 to 63 lower-case letters, digits and single dashes',
      );
    checkAccess(options);
  } else if (typeof (client as Partial<ContainerClient>).getBlockBlobClient !== 'function')
    refuse('client', describe(client), 'give a ContainerClient of @azure/storage-blob');
  if (expiryStepSeconds !== undefined) checkNumber('expiryStepSeconds', expiryStepSeconds, 604_800);
  if (customDomain !== undefined && !isDomain(customDomain))
    refuse(
      'customDomain',
      customDomain,
      'give a host such as "media.example.com", or an http(s) URL without "?" and "#"',
    );
  if (listOrder !== undefined && !['utf-8', 'utf-16', 'preorder', 'none'].includes(listOrder))
    refuse('listOrder', listOrder, "give 'utf-8', 'utf-16', 'preorder' or 'none'");
  if (location !== undefined && (typeof location !== 'string' || location.startsWith('/')))
    refuse('location', location, 'give a folder such as "media", without a leading "/"');
}

function checkAccess(options: AzureStorageOptions): void {
  const { accountName, accountKey, connectionString, endpoint, sasToken, tokenCredential } = options;
  const given = Object.entries({ accountKey, connectionString, sasToken, tokenCredential })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (given.length > 1)
    refuse(given.join(' and '), 'together', 'give one of them: which to use is otherwise a guess');
  for (const [name, value] of Object.entries({ accountKey, connectionString, sasToken }))
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      refuse(name, describe(value), 'give text that is not empty');
  if (tokenCredential !== undefined && typeof tokenCredential.getToken !== 'function')
    refuse('tokenCredential', describe(tokenCredential), 'give a credential of @azure/identity');
  if (connectionString !== undefined) return;
  if (endpoint !== undefined && !(/^https?:\/\/[^?#]+$/.test(endpoint) && URL.canParse(endpoint)))
    refuse('endpoint', '', 'give an http(s) URL without "?" and "#"; a signature goes into sasToken');
  if (accountName !== undefined && !/^[a-z0-9]{3,24}$/.test(accountName))
    refuse('accountName', accountName, 'give 3 to 24 lower-case letters and digits');
  if (endpoint === undefined && accountName === undefined)
    refuse('accountName', undefined, 'give it, or connectionString, endpoint or client');
  if (accountKey !== undefined && accountName === undefined)
    refuse('accountName', undefined, 'it is needed with accountKey');
}

const isContainerName = (name: string): boolean =>
  /^(\$root|\$web|[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){2,62})$/.test(name);

function isDomain(domain: unknown): boolean {
  if (typeof domain !== 'string' || /[?#\\\s]/.test(domain)) return false;
  if (/^https?:\/\/[^/]/.test(domain)) return URL.canParse(domain);
  if (domain.includes('/') && !/^[\w.-]+(?::\d+)?\//.test(domain)) return false;
  return domain !== '' && URL.canParse(`https://${domain}`) && !domain.includes('@');
}

function checkNumber(option: string, value: unknown, max: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max) return;
  refuse(option, value, `give a whole number from 1 to ${max}`);
}

/** The kind of a value that must not be shown. */
function describe(value: unknown): string {
  return value === '' ? '(empty)' : typeof value;
}

export function refuse(option: string, value: unknown, fix: string, cause?: unknown): never {
  const shown =
    typeof value === 'string' ? value && ` ${withoutPassword(JSON.stringify(value))}` : ` ${String(value)}`;
  throw new FieldFileError('invalid-argument', `AzureStorage cannot use ${option}${shown}: ${fix}.`, {
    operation: 'construct',
    cause,
  });
}
