import { sign } from 'node:crypto';

/** A name pair CloudFront knows the public half of. */
export interface CloudFrontKey {
  readonly keyId: string;
  /** RSA, in PEM. */
  readonly privateKey: string;
}

/**
 * An address signed with a canned policy: this URL, until then.
 *
 * @param expiresAt seconds since 1970
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
 */
export function cloudFrontUrl(address: URL, expiresAt: number, { keyId, privateKey }: CloudFrontKey): string {
  const condition = { DateLessThan: { 'AWS:EpochTime': expiresAt } };
  const policy = JSON.stringify({ Statement: [{ Resource: address.href, Condition: condition }] });
  const signature = sign('RSA-SHA1', Buffer.from(policy), privateKey).toString('base64');
  const signed = new URL(address);
  const joint = signed.search === '' ? '?' : '&';
  return `${signed.href}${joint}Expires=${expiresAt}&Signature=${urlSafe(signature)}&Key-Pair-Id=${encodeURIComponent(keyId)}`;
}

/** CloudFront's own alphabet, not base64url. */
const urlSafe = (base64: string): string =>
  base64.replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
