import { mount } from '@fieldfile/http';
import { type Backend, Storage } from '@fieldfile/storage';
import type { SignedRequest } from '@fieldfile/storage/backend';

/** A backend whose URLs the application serves. */
interface Verifies extends Backend {
  verifyToken(address: string, method: string): SignedRequest;
}

/** Serves what the signed URLs of a backend allow, and nothing else. */
export const serveSigned = (backend: Verifies): ((request: Request) => Promise<Response>) =>
  mount(new Storage<Backend>(backend));
