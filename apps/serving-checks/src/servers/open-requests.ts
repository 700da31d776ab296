import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

const open = new Set<ClientRequest>();

subscribe('http.client.request.start', message => {
  const { request } = message as { readonly request: ClientRequest };
  open.add(request);
  request.once('close', () => open.delete(request));
});

/** HTTP requests of this process whose answer is neither read to its end nor given up: each holds a socket. */
export const openRequests = (): number => open.size;
