import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * As a bucket whose CORS rule lets pages of every origin read and upload.
 *
 * @returns whether the request was a browser's question beforehand, which is answered.
 */
export function allowPages({ method, headers }: IncomingMessage, response: ServerResponse): boolean {
  if (headers.origin === undefined) return false;
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', 'etag');
  if (method !== 'OPTIONS') return false;
  response.setHeader('access-control-allow-methods', 'GET, HEAD, PUT, POST, DELETE');
  response.setHeader('access-control-allow-headers', headers['access-control-request-headers'] ?? '');
  response.setHeader('access-control-max-age', '3000');
  response.end();
  return true;
}
