import type { S3Client } from '@aws-sdk/client-s3';

/** The same client with other settings: middleware, credentials and sockets stay the client's own. */
export function clientWith(client: S3Client, changes: Partial<S3Client['config']>): S3Client {
  return Object.create(client, { config: { value: { ...client.config, ...changes } } }) as S3Client;
}
