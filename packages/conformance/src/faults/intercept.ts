import type { Backend } from '@fieldfile/storage';
import type { ListPage, ObjectName, PartedWrites, WritesParts } from '@fieldfile/storage/backend';

type MethodName = {
  [Name in keyof Backend]-?: NonNullable<Backend[Name]> extends (...given: never) => unknown ? Name : never;
}[keyof Backend];

/** A method of {@link Backend}, or of its parts, that reaches the service. */
export type Operation =
  | Exclude<MethodName, 'locate' | 'close'>
  | Exclude<keyof PartedWrites, 'limits' | 'signPart'>;

/** Written down, so that a method which is new does not compile until it is intercepted. */
const OPERATIONS: Readonly<Record<Operation, true>> = {
  create: true,
  replace: true,
  undo: true,
  findWrite: true,
  settle: true,
  read: true,
  info: true,
  remove: true,
  removeMany: true,
  list: true,
  copy: true,
  placeUpload: true,
  begin: true,
  writePart: true,
  complete: true,
  listParts: true,
  startSession: true,
  sessionBytes: true,
  endSession: true,
};

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

const isOperation = (property: PropertyKey): property is Operation => Object.hasOwn(OPERATIONS, property);

/**
 * A backend around a backend that sees every call. A proxy and not `wrapBackend`, so that it is a `B`: what its class has
 * beside a backend's members stays there, too, and methods the inner one lacks stay absent.
 */
export function intercept<B extends Backend>(backend: B, interceptor: Interceptor): B {
  const { parts } = backend as Partial<WritesParts>;
  return intercepted(backend, interceptor, parts && intercepted(parts, interceptor));
}

function intercepted<T extends object>(inner: T, interceptor: Interceptor, parts?: PartedWrites): T {
  return new Proxy(inner, {
    get(target, property) {
      if (property === 'parts' && parts) return parts;
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
  const { first, prefix, name } = subject as {
    readonly first?: ObjectName;
    readonly prefix?: string;
    readonly name?: string;
  };
  return first ?? prefix ?? name ?? '';
}
