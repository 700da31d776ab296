import fs from 'node:fs';

/** Where a part is, and what it was when it was stored. */
export interface PartReceipt {
  readonly number: number;
  readonly file: string;
  readonly start: number;
  readonly crc32: string;
  /** Of the system that had its bytes in memory: as long as it runs, they need not be looked at. */
  readonly boot: string | undefined;
}

export const receiptText = ({ number, file, start, crc32, boot = '' }: PartReceipt): string =>
  [number, file, start, crc32, boot].join(':');

/** Undefined for a text that is none: it may come from anywhere. */
export function readReceipt(text: string): PartReceipt | undefined {
  const found = /^(\d{1,16}):([0-9a-f-]{36}):(\d{1,16}):([A-Za-z0-9+/=]{8}):([0-9a-f-]{0,36})$/.exec(text);
  if (!found) return undefined;
  const [, number, file = '', start, crc32 = '', boot = ''] = found;
  return { number: Number(number), file, start: Number(start), crc32, boot: boot === '' ? undefined : boot };
}

let known: { readonly boot: string | undefined } | undefined;

/** Another after each start of the system; undefined where the system does not tell. */
export function bootId(): string | undefined {
  known ??= { boot: readBootId() };
  return known.boot;
}

function readBootId(): string | undefined {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return undefined;
  }
}
