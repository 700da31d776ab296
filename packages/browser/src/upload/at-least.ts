/** @returns the one option that is given. @throws RangeError if it is no number, or a lower one. */
export function atLeast(least: number, option: Readonly<Record<string, unknown>>): number {
  const [[name, value] = []] = Object.entries(option);
  if (typeof value === 'number' && value >= least) return value;
  throw new RangeError(`${name} must be a number of at least ${least}, not ${value}.`);
}
