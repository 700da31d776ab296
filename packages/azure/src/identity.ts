import type { ContainerClient } from '@azure/storage-blob';
import type { Place } from '@fieldfile/storage/backend';
import { type AzureStorageOptions, refuse } from './options.ts';

/** What a container is called, and where it is. */
export interface Identity {
  readonly id: string;
  readonly formerIds: readonly string[];
  readonly place: Place;
}

/**
 * A container is told apart by its account and its name. An address also has what does not matter: a signature, a
 * password, the protocol, and whether it is the account's second, read-only one.
 *
 * @throws `invalid-argument` where neither the address nor an option says the account and `id` is not given.
 */
export function identityOf(
  { url, accountName, containerName }: Pick<ContainerClient, 'url' | 'accountName' | 'containerName'>,
  options: Pick<AzureStorageOptions, 'id' | 'accountName' | 'endpointSuffix'>,
): Identity {
  const { id } = options;
  const { host, origin, pathname } = new URL(url);
  const service =
    accountName === '' ? serviceOfAccount(options) : serviceOf(new URL(url), accountName.toLowerCase());
  if (service === undefined) {
    if (id === undefined)
      refuse(
        'the address',
        `${origin}${pathname}`,
        'it does not say which account it leads to, so give the option id, a text that always means these objects, such as "media"',
      );
    const space = `azure?${host}/${containerName}`;
    return { id, formerIds: [], place: { id, space, path: '', isGuess: true } };
  }
  const derived = `azure:${accountName === '' ? origin : service}/${containerName}`;
  const former = `azure:${url.replace(/\?.*$/s, '')}`;
  const isSpelledOtherwise = id === undefined && former !== derived && !former.includes('@');
  return {
    id: id ?? derived,
    formerIds: isSpelledOtherwise ? [former] : [],
    place: { id: id ?? derived, space: `azure:${service}/${containerName}`, path: '' },
  };
}

/** The account is the first part of the host's name, else of the path. */
function serviceOf({ hostname, origin }: URL, accountName: string): string {
  const [first = '', ...rest] = hostname.split('.');
  if (first.replace(/-secondary$/, '') === accountName) return `https://${[accountName, ...rest].join('.')}`;
  return `${origin}/${accountName}`;
}

/** Behind an address of one's own is the account that the key is of. */
function serviceOfAccount({
  accountName,
  endpointSuffix = 'core.windows.net',
}: Pick<AzureStorageOptions, 'accountName' | 'endpointSuffix'>): string | undefined {
  return accountName && `https://${accountName}.blob.${endpointSuffix}`;
}
