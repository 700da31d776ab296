import { reported } from '../errors/report.ts';

/** A descriptor or a socket. It must not reach who holds it, who would then never be collected. */
export interface Droppable {
  /** For the warning, as `"a.txt" of storage "fs:/srv/media"`. */
  readonly what: string;
  isOpen(): boolean;
  close(): Promise<void>;
}

/**
 * Closes what `holder` has open once nobody reaches that any more. It is a net, and no way to close: when a collection
 * comes nobody knows. It never removes data. Outside of production a warning names what was left open.
 *
 * What is closed before the next collection is never given to the engine, which would let it, and what it has read, outlive
 * the quick collections of what is young (measured: a third of the CPU that a storage adds to its backend).
 *
 * @returns what to call once it is closed.
 */
export function closeIfDropped(holder: object, droppable: Droppable): () => void {
  if (!isWatching) collections.register({}, undefined);
  isWatching = true;
  young.set(droppable, holder);
  return () => {
    if (!young.delete(droppable)) dropped.unregister(droppable);
  };
}

/** What was opened since the last collection, and its holders: kept until then. */
const young = new Map<Droppable, object>();

let isWatching = false;

/** Told of a collection by something that nobody reaches. */
const collections = new FinalizationRegistry<undefined>(() => {
  for (const [droppable, holder] of young) dropped.register(holder, droppable, droppable);
  young.clear();
  isWatching = false;
});

const dropped = new FinalizationRegistry<Droppable>(droppable => {
  if (!droppable.isOpen()) return;
  void reported(() => droppable.close());
  const process = globalThis.process;
  if (process?.env?.NODE_ENV === 'production') return;
  process?.emitWarning?.(
    `${droppable.what} was opened, and dropped before its end: dispose of what is opened (\`await using\`), and leave a loop by \`break\`.`,
    'FieldFileWarning',
  );
});
