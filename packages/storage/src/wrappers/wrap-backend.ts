import type { ObjectName } from '../names/object-name.ts';
import type { Backend, Candidates } from '../storage/backend.ts';
import type { Capabilities } from '../storage/capabilities.ts';
import type { PartedWrites } from '../storage/parts.ts';

/** A backend that has every member there is. */
export type WholeBackend = Required<Backend> & Capabilities;

type OptionalMember = {
  [Name in keyof Backend]-?: undefined extends Backend[Name] ? Name : never;
}[keyof Backend];

/**
 * Every member of a wrapper, none left out: what `Backend` gets in a later version does not compile until the wrapper says
 * what becomes of it. `undefined`: the wrapper does not have it.
 */
export type BackendChanges = {
  readonly [Name in keyof WholeBackend]: Name extends OptionalMember | keyof Capabilities
    ? WholeBackend[Name] | undefined
    : WholeBackend[Name];
};

/** What a wrapper of `B` is: a backend that can do beyond it what `B` can, but for what it is `Without`. */
export type Wrapped<B extends Backend, Without extends PropertyKey = never> = Backend &
  Pick<B, Exclude<Extract<keyof B, keyof Capabilities>, Without>>;

/** The members that a wrapper never has. */
type LeftOut<C> = { [Name in keyof C]: C[Name] extends undefined ? Name : never }[keyof C];

/**
 * A backend around a backend. `change` gets the inner one as if it had every method, each bound, and gives every member of
 * the wrapper: a function or value of its own, the inner one's to hand it on, or `undefined` to leave it out.
 *
 * The wrapper has exactly the optional methods that the inner backend has, so `Storage` does without the others as it
 * would with the inner one.
 *
 * @example
 * ```ts
 * import type { Backend, Wrapped } from '@fieldfile/storage';
 * import { wrapBackend } from '@fieldfile/storage/backend';
 *
 * export function logged<B extends Backend>(backend: B, log: (line: string) => void): Wrapped<B> {
 *   return wrapBackend(backend, inner => ({
 *     ...inner,
 *     remove(name, options) {
 *       log(`remove ${name}`);
 *       return inner.remove(name, options);
 *     },
 *   }));
 * }
 * ```
 */
export function wrapBackend<B extends Backend, C extends BackendChanges>(
  backend: B,
  change: (inner: WholeBackend) => C,
): Wrapped<B, LeftOut<C>> {
  const members = Object.entries(change(boundMembers(backend))).filter(
    ([name, value]) =>
      value !== undefined &&
      (typeof value !== 'function' || typeof backend[name as keyof Backend] === 'function'),
  );
  return Object.fromEntries(members) as unknown as Wrapped<B, LeftOut<C>>;
}

/** What there is to hand on. Written down, since a class has its methods and getters where no loop over it looks. */
const MEMBERS: Readonly<Record<keyof WholeBackend, true>> = {
  id: true,
  formerIds: true,
  place: true,
  locate: true,
  limits: true,
  listOrder: true,
  keepsContentEncoding: true,
  keepsVisibility: true,
  cannot: true,
  urls: true,
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
  close: true,
  publicUrl: true,
  signUrl: true,
  signUpload: true,
  localPath: true,
  parts: true,
};

function boundMembers(backend: Backend): WholeBackend {
  const whole: Partial<WholeBackend> = backend;
  const entries = (Object.keys(MEMBERS) as (keyof WholeBackend)[]).map(name => {
    const value: unknown = whole[name];
    return [name, typeof value === 'function' ? value.bind(backend) : value] as const;
  });
  return Object.fromEntries(entries) as unknown as WholeBackend;
}

/** What a method of parts is about, which comes first. */
export type PartsSubject = ObjectName | Candidates | { readonly name: ObjectName };

/** A backend's parts, each method called through `call`. It has exactly the methods that they have. */
export function wrapParts(
  parts: PartedWrites,
  call: (
    operation: string,
    about: PartsSubject,
    proceed: (about: PartsSubject) => Promise<unknown>,
  ) => Promise<unknown>,
): PartedWrites {
  // What is frozen is frozen for a proxy of it, too.
  return new Proxy<PartedWrites>(Object.create(parts), {
    get(_, property) {
      const member: unknown = Reflect.get(parts, property);
      if (typeof member !== 'function') return member;
      // Called on the parts: private fields are not reached through a proxy.
      return (about: PartsSubject, ...more: readonly unknown[]) =>
        call(String(property), about, subject => member.call(parts, subject, ...more));
    },
  });
}
