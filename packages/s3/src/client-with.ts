import type { S3Client } from '@aws-sdk/client-s3';

/** The same client with other settings: middleware, credentials and sockets stay the client's own. */
export function clientWith(client: S3Client, changes: Partial<S3Client['config']>): S3Client {
  return Object.create(client, { config: { value: { ...client.config, ...changes } } }) as S3Client;
}

/**
 * The same client, sockets and credentials included, with middleware that can be added to without the client's seeing it. It
 * is put together once for each kind of command.
 *
 * @param signalOf what gives a request up.
 */
export function withOwnMiddleware(
  client: S3Client,
  signalOf: (request: object) => AbortSignal | undefined,
): S3Client {
  const { requestHandler } = client.config;
  const handle: typeof requestHandler.handle = (request, options) => {
    const abortSignal = signalOf(request);
    return requestHandler.handle(request, abortSignal ? { ...options, abortSignal } : options);
  };
  const watched = clientWith(client, {
    cacheMiddleware: true,
    requestHandler: Object.create(requestHandler, { handle: { value: handle } }),
  });
  return Object.defineProperties(watched, {
    middlewareStack: { value: client.middlewareStack.clone() },
    handlers: { value: undefined, writable: true, configurable: true }, // its cache, which it would share else
  });
}
