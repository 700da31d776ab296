import {
  BlobSASPermissions,
  BlobServiceClient,
  type ContainerClient,
  generateBlobSASQueryParameters,
  isPipelineLike,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from '@azure/storage-blob';
import { FieldFileError, type ResponseHeaders } from '@fieldfile/storage';
import { type ObjectName, withoutUser } from '@fieldfile/storage/backend';

/** Where the container's objects are: no `/` at the end, and nothing of the client's own signature or password. */
export function objectsUrl(
  { url, containerName }: ContainerClient,
  customDomain: string | undefined,
): string {
  if (customDomain === undefined) return withoutUser(url.replace(/\?.*$/s, ''));
  const domain = customDomain.replace(/\/+$/, '');
  if (/^https?:\/\//.test(domain)) return withoutUser(domain);
  return `${url.startsWith('http:') ? 'http' : 'https'}://${domain}/${containerName}`;
}

export function addressOf(base: string, name: ObjectName): string {
  return `${base}/${name.split('/').map(encodeURIComponent).join('/')}`;
}

/** What a signature allows. */
export interface Grant {
  readonly name: ObjectName;
  /** `'r'` to read, `'c'` to create what is not there yet. */
  readonly permission: 'r' | 'c';
  /** From now. */
  readonly expiresInSeconds: number;
  readonly contentType?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly headers?: ResponseHeaders;
  /** Not a whole step later, as a URL that is to be cached. */
  readonly isExact?: boolean;
  /** Give the new object tags, too. */
  readonly tags?: boolean;
  /** How the new object is encrypted. */
  readonly encryptionScope?: string | undefined;
}

const DAY_MS = 86_400_000;

/** The service gives user delegation names for at most this. */
const MAX_DELEGATION_MS = 7 * DAY_MS;

/** The clocks of the service and of this machine may differ by so much. */
const SKEW_MS = 300_000;

/** Signs with the account key, or with a key that the service gives to a user for some days, which is kept. */
export class Signer {
  readonly #container: ContainerClient;
  readonly #expiryStepMs: number;
  #delegation: Promise<UserDelegationKey> | undefined;

  constructor(container: ContainerClient, expiryStepSeconds = 1) {
    this.#container = container;
    this.#expiryStepMs = expiryStepSeconds * 1000;
  }

  /** Whether the client's credentials can sign. A shared access signature cannot make others. */
  get canSign(): boolean {
    return this.#accountKey !== undefined || this.#isUser;
  }

  /** @returns the query of a signed URL. @throws `invalid-argument` for an expiry beyond what the service allows. */
  async sign(grant: Grant): Promise<string> {
    const { name, permission, expiresInSeconds, contentType, contentDisposition, headers } = grant;
    const { tags = false, isExact = false, encryptionScope } = grant;
    const permissions = BlobSASPermissions.parse(permission);
    permissions.tag = tags;
    const values = {
      containerName: this.#container.containerName,
      blobName: name,
      permissions,
      protocol: this.#container.url.startsWith('http:') ? SASProtocol.HttpsAndHttp : SASProtocol.Https,
      ...(contentType === undefined ? {} : { contentType }),
      ...(contentDisposition === undefined ? {} : { contentDisposition }),
      ...headers,
      ...(encryptionScope === undefined ? {} : { encryptionScope }),
    };
    const expiresOn = this.#expiresOn(expiresInSeconds, isExact ? 1000 : this.#expiryStepMs);
    const accountKey = this.#accountKey;
    if (accountKey) return String(generateBlobSASQueryParameters({ ...values, expiresOn }, accountKey));
    if (expiresInSeconds * 1000 > MAX_DELEGATION_MS)
      throw new FieldFileError(
        'invalid-argument',
        `expiresInSeconds must be at most ${MAX_DELEGATION_MS / 1000} (7 days) when a token signs, not ${expiresInSeconds}.`,
      );
    const delegation = await this.#delegationKey(expiresOn);
    const latest = new Date(Math.min(expiresOn.getTime(), delegation.signedExpiresOn.getTime()));
    const { accountName } = this.#container;
    return String(generateBlobSASQueryParameters({ ...values, expiresOn: latest }, delegation, accountName));
  }

  get #accountKey(): StorageSharedKeyCredential | undefined {
    const { credential } = this.#container;
    return credential instanceof StorageSharedKeyCredential ? credential : undefined;
  }

  get #isUser(): boolean {
    return 'getToken' in this.#container.credential;
  }

  #expiresOn(expiresInSeconds: number, step: number): Date {
    return new Date(Math.ceil((Date.now() + expiresInSeconds * 1000) / step) * step);
  }

  /** A name that lasts until then, as far as the service gives one; asked for once, by whoever is first. */
  async #delegationKey(until: Date): Promise<UserDelegationKey> {
    const asked = this.#delegation;
    const key = await asked?.catch(() => undefined); // the one who asked for it was told
    const lasts = key?.signedExpiresOn.getTime() ?? 0;
    // One that was just given lasts as long as any.
    if (key && lasts >= Math.min(until.getTime(), Date.now() + MAX_DELEGATION_MS - 2 * SKEW_MS)) return key;
    if (this.#delegation === asked) {
      const now = Date.now();
      this.#delegation = this.#service().getUserDelegationKey(
        new Date(now - SKEW_MS),
        new Date(now + MAX_DELEGATION_MS - SKEW_MS),
      );
    }
    return this.#delegation as Promise<UserDelegationKey>;
  }

  /** With the container's own pipeline: its proxy, its certificates. */
  #service(): BlobServiceClient {
    const url = this.#container.url.replace(/\/[^/]*$/, '');
    const pipeline: unknown = Reflect.get(this.#container, 'pipeline');
    return isPipelineLike(pipeline)
      ? new BlobServiceClient(url, pipeline)
      : new BlobServiceClient(url, this.#container.credential);
  }
}
