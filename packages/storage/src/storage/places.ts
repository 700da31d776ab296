import { FieldFileError } from '../errors/field-file-error.ts';
import { shared } from '../shared.ts';
import { stillUsed } from './still-used.ts';

/**
 * Where a backend's objects are. It is what tells whether two storages hold the same objects, whatever they are called:
 * same space and same path. One place is inside another when its path goes on from the other's.
 *
 * Wrappers hand on the very object of the backend they wrap, or name it in `within`.
 */
export interface Place {
  /** What the backend is called that has it: one that was made of it and is called otherwise may keep its objects elsewhere. */
  readonly id: string;
  /** What has one set of names: `s3:aws:media`, `fs:`. A symbol where nobody else can reach the objects. */
  readonly space: string | symbol;
  /** Below which prefix of the space, without `/` around it. `''`: all of it. */
  readonly path: string;
  /** The place that this one was made a part of, by a wrapper. */
  readonly within?: Place | undefined;
  /** Nothing is known of it but what somebody called it: it is compared with its like only. */
  readonly isGuess?: boolean;
}

/** A storage that has a place, for as long as it is used. */
interface Claim {
  readonly id: string;
  readonly place: Place;
  /** The place is what the backend's `locate` said. */
  readonly isLocated: boolean;
  readonly storage: WeakRef<object>;
}

/** What every copy of this package in one process shares: two of them may have storages of one place. */
const { claims, byStorage, collected } = shared('places', () => {
  const all = new Set<Claim>();
  return {
    claims: all,
    byStorage: new WeakMap<object, Claim>(),
    collected: new FinalizationRegistry<Claim>(claim => all.delete(claim)),
  };
});

/**
 * Says that a storage is about to use a place.
 *
 * @throws `invalid-argument` when a storage that is still used has that place under another id, another place under that
 * id, or a place around or inside of it.
 */
export function claimPlace(storage: object, id: string, place: Place, isLocated: boolean): void {
  const rivals = [...claims].filter(
    other => other !== byStorage.get(storage) && conflict({ id, place }, other) !== undefined,
  );
  // What is not used any more has gone from `claims` by then, or its reference is empty.
  const used = new Set(stillUsed(rivals.map(rival => rival.storage)));
  for (const rival of rivals) {
    const other = rival.storage.deref();
    if (other && used.has(other)) refuse({ id, place }, rival);
    claims.delete(rival);
  }
  releasePlace(storage);
  const claim = { id, place, isLocated, storage: new WeakRef(storage) };
  claims.add(claim);
  byStorage.set(storage, claim);
  collected.register(storage, claim, claim);
}

/** The storage is not used any more, or only by who claims its place again. */
export function releasePlace(storage: object): void {
  const claim = byStorage.get(storage);
  if (!claim) return;
  claims.delete(claim);
  byStorage.delete(storage);
  collected.unregister(claim);
}

/** Whether the storage has its place for certain: nothing is to be asked before it is used. */
export const hasPlace = (storage: object): boolean => byStorage.get(storage)?.isLocated === true;

/** Where a backend's objects are, as far as it says. */
export const placeOf = ({ id, place }: { readonly id: string; readonly place?: Place }): Place =>
  place?.id === id ? place : { id, space: id, path: '', isGuess: true };

/** The part `path` of a place, for a backend called `id`. */
export const placeBelow = (within: Place, path: string, id: string): Place => ({
  ...within,
  id,
  within,
  path: within.path === '' ? path : `${within.path}/${path}`,
});

type Named = Pick<Claim, 'id' | 'place'>;

/** Why two storages cannot both be used; undefined when they can. */
function conflict(one: Named, other: Named): 'two-ids' | 'one-id' | 'nested' | undefined {
  // Of a guess nothing is known that a place could contradict.
  if ((one.place.isGuess ?? false) !== (other.place.isGuess ?? false)) return undefined;
  const isOneSpace = one.place.space === other.place.space;
  if (isOneSpace && one.place.path === other.place.path) return one.id === other.id ? undefined : 'two-ids';
  if (one.id === other.id) return 'one-id';
  if (!isOneSpace) return undefined;
  const [inner, outer] =
    one.place.path.length > other.place.path.length ? [one.place, other.place] : [other.place, one.place];
  if (outer.path !== '' && !inner.path.startsWith(`${outer.path}/`)) return undefined;
  return isMadeOf(inner, outer) ? undefined : 'nested';
}

/** Whether somebody wrapped a storage's very backend to have a part of it: they know of both, whatever else opens the first. */
function isMadeOf(inner: Place, outer: Place): boolean {
  let ancestor = inner.within;
  while (ancestor && ancestor.path !== outer.path) ancestor = ancestor.within;
  return (
    ancestor !== undefined && (ancestor === outer || [...claims].some(({ place }) => place === ancestor))
  );
}

function refuse(one: Named, other: Named): never {
  const [id, otherId] = [JSON.stringify(one.id), JSON.stringify(other.id)];
  const whys = {
    'two-ids': `Storage ${id} is the same place as storage ${otherId}, which is in use: give both one id, or use one storage for both.`,
    'one-id': `Storage ${id} has the id of a storage of another place, which is in use: give each an id of its own.`,
    nested: `Storage ${id} overlaps with storage ${otherId}, which is in use: what one takes for its own the other would remove or overwrite. Give each a place of its own.`,
  };
  const why = whys[conflict(one, other) ?? 'nested'];
  throw new FieldFileError(
    'invalid-argument',
    `${why} If the other is not needed any more, dispose of it (storage[Symbol.asyncDispose]()).`,
    { operation: 'construct', storage: one.id },
  );
}
