import type { Backend } from './backend.ts';
import { claimPlace, hasPlace, placeOf } from './places.ts';

/** Nothing is read or written before it is certain whose objects these are. */
export async function locate(storage: { readonly id: string; readonly backend: Backend }): Promise<void> {
  const { id, backend } = storage;
  const place = (await backend.locate?.()) ?? placeOf(backend);
  if (!hasPlace(storage)) claimPlace(storage, id, place, true);
}
