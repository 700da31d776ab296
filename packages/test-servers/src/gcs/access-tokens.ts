import { randomUUID } from 'node:crypto';
import type { Exchange } from './exchange.ts';
import { forbidden, unauthorized } from './gcs-error.ts';

const PERMISSIONS: Readonly<Record<string, string>> = {
  POST: 'storage.objects.create',
  PUT: 'storage.objects.update',
  PATCH: 'storage.objects.update',
  DELETE: 'storage.objects.delete',
};

/** The bearer tokens a server knows. Any other is a wrong credential. */
export class AccessTokens {
  readonly full: string = `full-${randomUUID()}`;
  readonly readOnly: string = `read-only-${randomUUID()}`;

  /**
   * Returns whether the request carries a token that permits it; false when it carries none.
   *
   * @throws 401 for an unknown token, 403 for one that may only read.
   */
  permit(exchange: Exchange): boolean {
    const authorization = exchange.header('authorization');
    if (authorization === undefined) return false;
    const token = authorization.replace(/^Bearer /i, '');
    if (token === this.full) return true;
    if (token !== this.readOnly) throw unauthorized('Invalid Credentials');
    const permission = PERMISSIONS[exchange.method];
    if (permission !== undefined) throw forbidden(denied('The caller', permission));
    return true;
  }
}

/** What the service says to a caller without a permission, whether or not the object exists. */
export function denied(caller: string, permission: string): string {
  return `${caller} does not have ${permission} access to the Google Cloud Storage object. Permission '${permission}' denied on resource (or it may not exist).`;
}
