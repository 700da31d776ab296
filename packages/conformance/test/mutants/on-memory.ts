import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { type Backend, Storage } from '@fieldfile/storage';

/** What `create()` of the contract gives for a mutant, or the right backend. */
export async function subject(
  backend: Backend,
  more: Omit<StorageUnderTest, 'storage'> = {},
): Promise<StorageUnderTest> {
  const retry = { baseDelayMs: 0 };
  return {
    storage: new Storage(backend, { retry }),
    reopen: async () => new Storage(backend, { retry }),
    ...more,
  };
}
