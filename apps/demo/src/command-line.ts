import { type ParseArgsConfig, parseArgs } from 'node:util';

/** An argument that cannot be meant; the message says what can. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError for an option there is not, or without its value. */
export function parseArguments<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_'))
      throw new UsageError(error.message);
    throw error;
  }
}

/** @throws UsageError for a value given twice. */
export function list(option: string, text: string): string[] {
  const values = text.split(',').map(value => value.trim());
  const repeated = values.find((value, index) => values.indexOf(value) !== index);
  if (repeated !== undefined) throw new UsageError(`${option}: ${JSON.stringify(repeated)} is given twice.`);
  return values;
}

/** @throws UsageError for a value that is not allowed. */
export function choices<T extends string>(
  option: string,
  text: string | undefined,
  allowed: readonly T[],
): T[] | undefined {
  return text === undefined
    ? undefined
    : list(option, text).map(value => {
        const choice = allowed.find(one => one === value);
        if (choice === undefined)
          throw new UsageError(`${option}: ${JSON.stringify(value)} is none of ${allowed.join(', ')}.`);
        return choice;
      });
}

/** @throws UsageError for what is no whole number above 0. */
export function count(option: string, text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || !Number.isSafeInteger(number))
    throw new UsageError(`${option}: ${JSON.stringify(text)} is no whole number above 0.`);
  return number;
}
