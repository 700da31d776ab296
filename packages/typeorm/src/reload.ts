import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClassOf } from '@fieldfile/core';
import { accessorsOf } from './accessor.ts';

/** Emptied at the end: what was begun meanwhile may keep it. */
interface Reloading {
  row: object | undefined;
  found: object | undefined;
}

type Reload = (this: object, ...args: unknown[]) => Promise<void>;

const reloading = new AsyncLocalStorage<Reloading>();
const watched = new WeakSet<Reload>();

/** `BaseEntity.reload` copies properties that a row object has itself: its files get what was loaded here. */
export function installReload({ prototype }: ClassOf<object>): void {
  const reload: unknown = Reflect.get(prototype, 'reload');
  if (typeof reload !== 'function' || watched.has(reload as Reload)) return;
  const value: Reload = async function (...args) {
    const store: Reloading = { row: this, found: undefined };
    try {
      await reloading.run(store, () => Reflect.apply(reload, this, args));
      const { found } = store;
      if (found)
        for (const accessor of accessorsOf(Object.getPrototypeOf(this)).values()) accessor.reset(this, found);
    } finally {
      store.row = store.found = undefined;
    }
  };
  watched.add(value);
  Object.defineProperty(prototype, 'reload', { configurable: true, writable: true, value });
}

/** TypeORM has loaded a row. @param isSame whether it is the row of that object. */
export function afterLoad(loaded: object, isSame: (row: object) => boolean): void {
  const store = reloading.getStore();
  if (store?.row && isSame(store.row)) store.found = loaded;
}
