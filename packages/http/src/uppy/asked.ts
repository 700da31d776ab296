import type { UppySettings } from './options.ts';

/** A request that is allowed, and who has sent it. */
export interface Asked {
  readonly request: Request;
  readonly settings: UppySettings;
  readonly user: string;
  readonly url: URL;
}
