import { MemoryBackend } from '@fieldfile/memory';
import { type Backend, FieldFileError } from '@fieldfile/storage';

/** Has the method to sign, and nothing to sign with. */
export function promisesSignatures(): Backend {
  const signUrl = async (): Promise<never> => {
    throw new FieldFileError('unsupported', 'There is no key.', { operation: 'signUrl' });
  };
  return Object.assign(new MemoryBackend(), { signUrl, cannot: [] });
}
