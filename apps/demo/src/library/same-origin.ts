import { FieldFileError } from '@fieldfile/core';
import type { MiddlewareHandler } from 'hono';

const HOSTS = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/**
 * The page is for this machine: a name of somebody else's that leads here is refused, and so is what pages of other sites
 * would change.
 */
export const sameOrigin: MiddlewareHandler = async ({ req }, next) => {
  const origin = req.header('origin');
  const isOurs = origin === undefined || origin === new URL(req.url).origin;
  if (HOSTS.test(req.header('host') ?? '') && (isOurs || req.method === 'GET' || req.method === 'HEAD'))
    return next();
  throw new FieldFileError('permission', 'This request comes from another site.', { operation: 'request' });
};
