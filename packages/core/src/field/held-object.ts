import { reported } from '@fieldfile/storage/internal';
import { shared } from '../ownership/registry.ts';

/** A removal that waits until nothing holds its object. */
interface WaitingRemoval {
  wake(): void;
  readonly done: Promise<void>;
}

/** What is known of one object that somebody means to copy. */
interface Holds {
  readonly holders: Set<WeakRef<HeldObject>>;
  readonly waiting: Set<WaitingRemoval>;
}

/** By storage and name. */
const holdsById = shared('holds', () => new Map<string, Holds>());

/**
 * An object that somebody means to copy: a removal in this process that comes in between waits for it, in the background.
 * It is held until it is let go of, or until nothing reaches what holds it any more: a row that was dropped copies nothing.
 */
export class HeldObject {
  readonly storageId: string;
  readonly name: string;
  /** Its bytes were replaced in place by this process: it is not what was held any more. */
  replaced = false;
  private ref: WeakRef<HeldObject> | undefined;

  constructor(storageId: string, name: string) {
    this.storageId = storageId;
    this.name = name;
    this.ref = new WeakRef<HeldObject>(this);
    holdsOf(storageId, name).holders.add(this.ref);
    dropped.register(this, objectId(storageId, name));
  }

  /** Lets go of it: it was copied, or is not going to be. Removals that waited for it are made. Never throws. */
  async release(): Promise<void> {
    const holds = holdsById.get(objectId(this.storageId, this.name));
    if (!holds || !this.ref) return;
    holds.holders.delete(this.ref);
    this.ref = undefined;
    if (isHeld(this.storageId, this.name)) return;
    const removals = [...holds.waiting];
    for (const removal of removals) removal.wake();
    await Promise.all(removals.map(({ done }) => done));
  }
}

/** Tells who means to copy that object that its bytes are others now. */
export function noteReplaced(storageId: string, name: string): void {
  for (const holder of holdsById.get(objectId(storageId, name))?.holders ?? []) {
    const held = holder.deref();
    if (held) held.replaced = true;
  }
}

/** Whether somebody in this process means to copy that object. */
export function isHeld(storageId: string, name: string): boolean {
  return prune(objectId(storageId, name));
}

/** Whether anybody is left. */
function prune(id: string): boolean {
  const holds = holdsById.get(id);
  if (!holds) return false;
  for (const holder of holds.holders)
    if (holder.deref()) return true;
    else holds.holders.delete(holder);
  if (holds.waiting.size === 0) holdsById.delete(id);
  return false;
}

/**
 * Runs a removal: at once where nothing holds the object, else in the background as soon as nothing does.
 *
 * @param options `stillOurs` keeps the removal from being somebody else's to make while it waits, and tells whether it is.
 */
export async function whenFree(
  storageId: string,
  name: string,
  run: () => Promise<void>,
  options: { readonly everyMs?: number; stillOurs?(): Promise<boolean> } = {},
): Promise<void> {
  if (!isHeld(storageId, name)) return run();
  const { waiting } = holdsOf(storageId, name);
  const { everyMs = 1000, stillOurs } = options;
  let wake = (): void => {};
  const wait = async (): Promise<void> => {
    while (isHeld(storageId, name)) {
      const woken = new Promise<void>(resolve => {
        wake = resolve;
      });
      const timer = setTimeout(wake, everyMs);
      (timer as { unref?(): void }).unref?.(); // a process may end meanwhile: recovery goes on from the journal
      await woken;
      clearTimeout(timer);
      if (stillOurs && !(await stillOurs())) return waitingEnded();
    }
    waitingEnded();
    await run();
  };
  const waitingEnded = (): void => {
    waiting.delete(removal);
    isHeld(storageId, name);
  };
  const removal: WaitingRemoval = { wake: () => wake(), done: reported(wait) };
  waiting.add(removal);
}

function holdsOf(storageId: string, name: string): Holds {
  const id = objectId(storageId, name);
  const known = holdsById.get(id);
  if (known) return known;
  const holds: Holds = { holders: new Set(), waiting: new Set() };
  holdsById.set(id, holds);
  return holds;
}

/** Forgets who is gone. Removals that wait look for themselves. */
const dropped = new FinalizationRegistry<string>(id => prune(id));

const objectId = (storageId: string, name: string): string => `${storageId}\n${name}`;
