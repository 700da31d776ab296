import type { IncomingMessage, ServerResponse } from 'node:http';
import { problem } from '../errors/problem.ts';
import { type Exchange, sendResponse } from './send-response.ts';
import { toRequest } from './to-request.ts';

/** Answers requests of `node:http`, and as middleware those of Express. Never rejects. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface NodeHandlerOptions {
  /**
   * Where clients reach the server, as `https://files.example.net`: what the requests' URLs begin with. Default: `http://`
   * or `https://` and the `Host` of the request.
   */
  readonly origin?: string;
  /** Told of what the handler throws, and of content that breaks while it is sent. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

/**
 * A Web handler for `node:http` and what is built on it. A slow client slows the reading down; one that leaves ends it: the
 * request's signal is aborted, and the body is cancelled.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { serve } from '@fieldfile/http';
 * import { toNodeHandler } from '@fieldfile/http/node';
 * import { MemoryStorage } from '@fieldfile/memory';
 *
 * const storage = new MemoryStorage();
 * const handler = (request: Request) =>
 *   serve(request, { storage, name: decodeURIComponent(new URL(request.url).pathname.slice(1)) });
 * export const server = createServer(toNodeHandler(handler));
 * ```
 */
export function toNodeHandler(
  handler: (request: Request) => Response | Promise<Response>,
  options: NodeHandlerOptions = {},
): NodeHandler {
  const report = options.onError ? { onError: options.onError } : {};
  return async (incoming, outgoing) => {
    const left = new AbortController();
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) left.abort();
    });
    let response: Response;
    let abandonBody = (): void => {};
    try {
      const given = toRequest(incoming, left.signal, options.origin);
      abandonBody = given.abandonBody;
      response = await handler(given.request);
    } catch (error) {
      response = problem(error, report);
    }
    const exchange = { incoming, outgoing, abandonBody };
    try {
      await sendResponse(response, exchange);
    } catch (error) {
      if (left.signal.aborted) outgoing.destroy();
      else await sendProblem(problem(error, report), exchange);
    }
  };
}

/** In place of an answer whose content broke. Once that has begun, only a broken connection can tell that the rest is missing. */
async function sendProblem(answer: Response, exchange: Exchange): Promise<void> {
  const { outgoing } = exchange;
  if (outgoing.headersSent) return void outgoing.destroy();
  for (const name of outgoing.getHeaderNames()) outgoing.removeHeader(name);
  await sendResponse(answer, exchange);
}
