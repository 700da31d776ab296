export const ownerships = ['bare', 'strong', 'weak', 'naive'] as const;
export const patterns = ['drop', 'hold'] as const;
export const loops = ['sync', 'microtask', 'macrotask'] as const;
export const flags = ['size', 'default'] as const;

/**
 * `bare`: the same process, but for the touch of the file: what the loop alone needs. `naive`: a `WeakRef` to the row,
 * without the release of kept objects that core adds to it.
 */
export type Ownership = (typeof ownerships)[number];
/** What happens to the handle of each row: dropped at once, or held in a list to the end. */
export type Pattern = (typeof patterns)[number];
/** What stands between two rows: nothing, an `await` of a settled promise, or a turn of the event loop. */
export type Loop = (typeof loops)[number];
/** How V8 is told to weigh memory against speed: `--optimize-for-size`, or nothing. */
export type Flags = (typeof flags)[number];

/** The payload of a row: a label as it is printed, and how often the letter b stands in it. */
export interface Size {
  readonly label: string;
  readonly bytes: number;
}

/** One experiment, which gets a process of its own. */
export interface Configuration {
  readonly size: Size;
  readonly ownership: Ownership;
  readonly pattern: Pattern;
  readonly loop: Loop;
  readonly flags: Flags;
  readonly iterations: number;
}

/** Every value of one dimension is combined with every value of the others. */
export interface Selection {
  readonly sizes: readonly Size[];
  readonly ownerships: readonly Ownership[];
  readonly patterns: readonly Pattern[];
  readonly loops: readonly Loop[];
  readonly flags: readonly Flags[];
  /** Instead of the iterations that hold for all selections. */
  readonly iterations?: number;
}

/**
 * The experiments of a selection, grouped as they are printed: sizes vary fastest. Where all rows would be in memory at
 * once and `memoryBytes` does not hold them, there are as many iterations as it does hold. A bare loop has no handles: it
 * is run for the first pattern only.
 */
export function configurations(
  selection: Selection,
  iterations: number,
  memoryBytes: number,
): Configuration[] {
  const rows = selection.iterations ?? iterations;
  return selection.flags.flatMap(flags =>
    selection.patterns.flatMap(pattern =>
      selection.loops.flatMap(loop =>
        selection.ownerships
          .filter(ownership => ownership !== 'bare' || pattern === selection.patterns[0])
          .flatMap(ownership =>
            selection.sizes.map(size => {
              const fitting = keepsEveryRow(ownership, pattern, loop)
                ? Math.max(1, Math.floor(memoryBytes / size.bytes))
                : Number.POSITIVE_INFINITY;
              return { size, ownership, pattern, loop, flags, iterations: Math.min(rows, fitting) };
            }),
          ),
      ),
    ),
  );
}

function keepsEveryRow(ownership: Ownership, pattern: Pattern, loop: Loop): boolean {
  return ownership === 'strong' ? pattern === 'hold' : ownership === 'naive' && loop !== 'macrotask';
}

/** `1kb`, `10mb`: the units of the original, where kb is 1024 bytes. Undefined for anything else. */
export function parseSize(label: string): Size | undefined {
  const match = /^([1-9]\d*)(kb|mb)$/.exec(label);
  if (!match) return undefined;
  return { label, bytes: Number(match[1]) * (match[2] === 'kb' ? 1024 : 1024 ** 2) };
}
