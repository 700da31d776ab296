import {
  type Backend,
  canSignUploads,
  type SignedUpload,
  type SignsUploads,
  type Storage,
} from '@fieldfile/storage';
import { Skip } from '../contract/behaviour.ts';
import type { StorageContext } from './context.ts';

/** Where what serves a storage's URLs may be, if they are paths. */
export const ORIGIN = 'http://localhost/';

/** Uploads as a browser does, with what came with the URL. @returns the status of the answer. */
export async function sendUpload(
  context: StorageContext,
  { method, url, headers, fields }: SignedUpload,
  bytes: Uint8Array<ArrayBuffer>,
  type?: string,
): Promise<number> {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields ?? {})) form.set(field, value);
  form.set('file', new Blob([bytes]));
  const response = await context.offered('fetch')(
    new Request(new URL(url, ORIGIN), {
      method,
      headers: { ...headers, ...(type === undefined || method === 'POST' ? {} : { 'content-type': type }) },
      body: method === 'POST' ? form : bytes,
    }),
  );
  await response.body?.cancel();
  return response.status;
}

/** @throws Skip where it signs none. */
export function signsUploads(storage: Storage): Storage<Backend & SignsUploads> {
  if (!canSignUploads(storage)) throw new Skip('signs no uploads');
  return storage;
}
