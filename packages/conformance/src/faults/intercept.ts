import type { Backend } from '@fieldfile/storage';
import type { ListPage, ObjectName } from '@fieldfile/storage/backend';

const OPERATIONS = [
  'create',
  'replace',
  'undo',
  'findWrite',
  'settle',
  'read',
  'info',
  'remove',
  'removeMany',
  'list',
  'copy',
  'placeUpload',
] as const;

/** A method of {@link Backend} that reaches the service. */
export type Operation = (typeof OPERATIONS)[number];

/** One call of a backend's method, as it was made. */
export interface BackendCall {
  readonly operation: Operation;
  /** The key the call names (a create: its first candidate; a listing: its prefix), or the first of many. */
  readonly name: string;
  /** What was passed, in the order of the method's parameters. */
  readonly given: readonly unknown[];
}

/** What stands between the caller and the backend. `proceed` makes the call, with other arguments where it is given some. */
export interface Interceptor {
  call(call: BackendCall, proceed: (given?: readonly unknown[]) => Promise<unknown>): Promise<unknown>;
  list(call: BackendCall, proceed: () => AsyncIterable<ListPage>): AsyncIterable<ListPage>;
}

const isOperation = (property: PropertyKey): property is Operation =>
  (OPERATIONS as readonly PropertyKey[]).includes(property);

/**
 * A backend around a backend that sees every call. A proxy, so that methods the inner one lacks stay absent and what
 * it can do beyond (URLs, paths) stays there.
 */
export function intercept<B extends Backend>(backend: B, interceptor: Interceptor): B {
  return new Proxy(backend, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      // Bound to the target: private fields are not reached through a proxy.
      if (!isOperation(property)) return value.bind(target);
      return (...given: readonly unknown[]) => {
        const call: BackendCall = {
          operation: property,
          name: nameOf(given[property === 'create' || property === 'copy' ? 1 : 0]),
          given,
        };
        return property === 'list'
          ? interceptor.list(call, () => value.apply(target, given))
          : interceptor.call(call, async (changed = given) => value.apply(target, changed));
      };
    },
  });
}

function nameOf(subject: unknown): string {
  if (typeof subject === 'string') return subject;
  if (Array.isArray(subject)) return nameOf(subject[0]);
  const { first, prefix } = subject as { readonly first?: ObjectName; readonly prefix?: string };
  return first ?? prefix ?? '';
}
