import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** The requests that `run` makes by `node:http`: those of SDKs, and none of `fetch`. */
export async function countRequests(run: () => Promise<unknown>): Promise<readonly string[]> {
  const requests: string[] = [];
  const count = (message: unknown): void => {
    const { request } = message as { readonly request: { readonly method: string; readonly path: string } };
    requests.push(`${request.method} ${request.path}`);
  };
  subscribe('http.client.request.start', count);
  try {
    await run();
  } finally {
    unsubscribe('http.client.request.start', count);
  }
  return requests;
}
