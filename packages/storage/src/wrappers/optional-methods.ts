import type { Backend } from '../storage/backend.ts';
import type { HasLocalPath, PublishesUrls, SignsUploads, SignsUrls } from '../storage/capabilities.ts';

/** A backend that can do everything there is. */
type WholeBackend = Required<Backend> & PublishesUrls & SignsUrls & SignsUploads & HasLocalPath;

/**
 * The methods that not every backend has, for a wrapper around one: `wrap` gets the backend as if it had all of them
 * and writes down all of them; what remains is what the backend really has.
 */
export function optionalMethods(
  backend: Backend,
  wrap: (whole: WholeBackend) => Partial<WholeBackend>,
): Partial<WholeBackend> {
  const methods = Object.entries(wrap(backend as WholeBackend));
  return Object.fromEntries(methods.filter(([name]) => typeof backend[name as keyof Backend] === 'function'));
}
