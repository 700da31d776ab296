import { reported } from '../errors/report.ts';

/** A descriptor or a socket. It must not reach who holds it, who would then never be collected. */
export interface Droppable {
  /** For the warning, as `"a.txt" of storage "fs:/srv/media"`. */
  readonly what: string;
  readonly isOpen: () => boolean;
  readonly close: () => Promise<void>;
}

/**
 * Closes what `holder` has open once nobody reaches that any more. It is a net, and no way to close: when a collection
 * comes nobody knows. It never removes data. Outside of production a warning names what was left open.
 *
 * @returns what to call once it is closed. Else the holder, and what it has read, outlives the quick collections of what
 * is young (measured: half of the CPU of reading small objects).
 */
export function closeIfDropped(holder: object, droppable: Droppable): () => void {
  dropped.register(holder, droppable, droppable);
  return () => dropped.unregister(droppable);
}

const dropped = new FinalizationRegistry<Droppable>(({ what, isOpen, close }) => {
  if (!isOpen()) return;
  void reported(close);
  const process = globalThis.process;
  if (process?.env?.NODE_ENV === 'production') return;
  process?.emitWarning?.(
    `${what} was opened, and dropped before its end: dispose of what is opened (\`await using\`), and leave a loop by \`break\`.`,
    'FieldFileWarning',
  );
});
