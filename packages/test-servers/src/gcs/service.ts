import type { AccessTokens } from './access-tokens.ts';
import type { Buckets } from './buckets.ts';
import type { ResumableUploads } from './resumable.ts';
import type { ServiceAccount } from './service-account.ts';

/** What the parts of one server share. */
export interface Service {
  readonly buckets: Buckets;
  readonly uploads: ResumableUploads;
  readonly account: ServiceAccount;
  readonly tokens: AccessTokens;
  /** Whether the JSON API refuses callers without a token. */
  readonly requireAuthorization: boolean;
  /** Where the bytes of objects are kept. */
  readonly folder: string;
}
