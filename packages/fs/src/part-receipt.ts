import fs from 'node:fs';

/** Where a part is, and what it was when it was stored. */
export interface PartReceipt {
  readonly number: number;
  readonly file: string;
  readonly start: number;
  readonly checksum: string;
  /** Of the system that had its bytes in memory: as long as it runs, they need not be looked at. */
  readonly boot: string | undefined;
}

export const receiptText = ({ number, file, start, checksum, boot = '' }: PartReceipt): string =>
  [number, file, start, checksum, boot].join(':');

/** Undefined for a text that is none: it may come from anywhere. */
export function readReceipt(text: string): PartReceipt | undefined {
  const found = RECEIPT.exec(text);
  if (!found) return undefined;
  const [, number, file = '', start, checksum = '', boot = ''] = found;
  return {
    number: Number(number),
    file,
    start: Number(start),
    checksum,
    boot: boot === '' ? undefined : boot,
  };
}

const RECEIPT =
  /^(\d{1,16}):([0-9a-f-]{36}):(\d{1,16}):([A-Za-z0-9+/=]{8}|[A-Za-z0-9+/=]{24}):([0-9a-f-]{0,36})$/;

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
