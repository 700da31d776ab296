import { FieldFileError } from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';

/** How much a request may bring. Each limit has an error of its own. */
export interface ReceiveLimits {
  /** Files in all. Default: 20. More are `too-many-files`. */
  readonly maxFiles?: number;
  /** Of one file, beside the field's own `maxSizeBytes`. Default: 1 GiB. More is `too-large`. */
  readonly maxFileBytes?: number;
  /** Of the whole request, whatever is in it. Default: 4 GiB. More is `request-too-large`. */
  readonly maxBytes?: number;
  /** Parts of a form: files and texts, also those that are passed over. Default: 200. More are `too-many-fields`. */
  readonly maxParts?: number;
  /** Of one text, which is kept in memory. Default: 64 KiB. More is `text-too-large`. */
  readonly maxTextBytes?: number;
  /** Of all headers of one part. Default: 8 KiB. More is `headers-too-large`. */
  readonly maxHeaderBytes?: number;
  /** Longest time in which nothing comes. Default: 30. Then it is `too-slow`. */
  readonly idleSeconds?: number;
}

export type Limits = Required<ReceiveLimits>;

const DEFAULTS: Limits = {
  maxFiles: 20,
  maxFileBytes: 1024 ** 3,
  maxBytes: 4 * 1024 ** 3,
  maxParts: 200,
  maxTextBytes: 64 * 1024,
  maxHeaderBytes: 8 * 1024,
  idleSeconds: 30,
};

/** @throws `invalid-argument` for a limit that there is not, or that is no number above 0. */
export function limitsOf(given: ReceiveLimits): Limits {
  knownOptions(given, Object.keys(DEFAULTS), { what: 'limits', operation: 'construct' });
  const limits = { ...DEFAULTS, ...withoutUndefined(given) };
  for (const [limit, value] of Object.entries(limits))
    if (typeof value !== 'number' || !(value > 0))
      throw new FieldFileError(
        'invalid-argument',
        `The limit ${limit} must be a number above 0, not ${value}.`,
        {
          operation: 'construct',
        },
      );
  return limits;
}

const withoutUndefined = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
