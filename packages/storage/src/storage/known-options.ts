import { FieldFileError } from '../errors/field-file-error.ts';

/** What is asked for options, as messages say it. */
export interface OptionsContext {
  /** Whose options: `FileSystemStorage`, `open`. */
  readonly what: string;
  readonly operation: string;
  readonly storage?: string;
  readonly name?: string;
  readonly field?: string;
}

/** Whether there are no other options than these: the quick answer, for what is called often. */
export function hasOnly(options: unknown, known: readonly string[]): boolean {
  if (typeof options !== 'object' || options === null) return false;
  for (const option in options) if (!known.includes(option)) return false;
  return true;
}

/**
 * Refuses options that nobody would read: a misspelt one would change nothing in silence.
 *
 * @throws `invalid-argument`, naming the option that was perhaps meant.
 */
export function knownOptions(options: unknown, known: readonly string[], context: OptionsContext): void {
  const { what, ...about } = context;
  const where = context.field === undefined ? what : `${context.field} (${what})`;
  if (typeof options !== 'object' || options === null)
    throw new FieldFileError(
      'invalid-argument',
      `The options of ${where} must be an object with ${known.join(', ')}, not ${options === null ? 'null' : typeof options}.`,
      about,
    );
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || known.includes(option)) continue;
    const near = nearest(option, known);
    throw new FieldFileError(
      'invalid-argument',
      `${where} has no option ${JSON.stringify(option)}: ${near ? `give ${near}` : `there is ${known.join(', ') || 'none'}`}.`,
      about,
    );
  }
}

/** Words for the same in other libraries, and here before. */
const FORMERLY: Readonly<Record<string, string>> = {
  range: 'start and endExclusive',
  end: 'endExclusive',
};

function nearest(option: string, known: readonly string[]): string | undefined {
  const former = Object.hasOwn(FORMERLY, option) ? FORMERLY[option] : undefined;
  if (former && known.includes('endExclusive')) return former;
  const ranked = known
    .map(name => ({ name, distance: distance(option.toLowerCase(), name.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  const [best] = ranked;
  return best && best.distance <= Math.max(1, option.length / 3) ? best.name : undefined;
}

/** Letters to change, add or leave out (Levenshtein's). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 0; i < one.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++)
      next.push(
        Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (one[i] === other[j] ? 0 : 1)),
      );
    row = next;
  }
  return row[other.length] ?? 0;
}
