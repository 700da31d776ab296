import type { Exchange } from './exchange.ts';
import { forbidden, noSuchPath, unauthorized } from './gcs-error.ts';
import type { ServiceAccount } from './service-account.ts';

/**
 * IAM's `signBlob`, for clients that hold a token but no key: give `ENDPOINT/v1/projects/-/serviceAccounts/` as `signingEndpoint`.
 *
 * @see https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob
 */
export async function signBlob(exchange: Exchange, account: ServiceAccount, email: string): Promise<void> {
  if (exchange.method !== 'POST') throw noSuchPath();
  if (exchange.header('authorization') === undefined) throw unauthorized('Request is missing a credential.');
  if (email !== account.email) {
    throw forbidden("Permission 'iam.serviceAccounts.signBlob' denied on resource (or it may not exist).");
  }
  const { payload } = await exchange.json();
  const signedBlob = account.sign(Buffer.from(String(payload ?? ''), 'base64')).toString('base64');
  exchange.sendJson({ keyId: 'test', signedBlob });
}
