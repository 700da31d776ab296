import { crc32 } from 'node:zlib';

/** A checksum that is fed piece by piece. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** Big-endian bytes. */
  digest(): Buffer;
}

/** The polynomials S3 knows, bits reversed. */
export const POLYNOMIALS = {
  CRC32: { width: 32n, reversed: 0xedb88320n },
  CRC32C: { width: 32n, reversed: 0x82f63b78n },
  CRC64NVME: { width: 64n, reversed: 0x9a6c9329ac4bc9b5n },
} as const;

/** A cyclic redundancy check of S3. */
export type CrcName = keyof typeof POLYNOMIALS;

/** Starts a running CRC. */
export function runningCrc(name: CrcName): RunningChecksum {
  if (name === 'CRC32') return new ZlibCrc32();
  return name === 'CRC32C' ? new SlicedCrc32(TABLES_32C()) : new SlicedCrc64(TABLES_64());
}

class ZlibCrc32 implements RunningChecksum {
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  digest(): Buffer {
    return bigEndian(BigInt(this.#value), 32n);
  }
}

// Eight bytes a step ("slicing by 8"): four times as fast as a byte a step.
class SlicedCrc32 implements RunningChecksum {
  readonly #tables: Uint32Array;
  #value = 0xffffffff;

  constructor(tables: Uint32Array) {
    this.#tables = tables;
  }

  update(bytes: Uint8Array): void {
    const tables = this.#tables;
    const at = (index: number): number => tables[index] as number;
    const byte = (index: number): number => bytes[index] as number;
    let value = this.#value;
    let index = 0;
    for (; index + 8 <= bytes.length; index += 8) {
      const low =
        value ^ (byte(index) | (byte(index + 1) << 8) | (byte(index + 2) << 16) | (byte(index + 3) << 24));
      value =
        at(1792 + (low & 255)) ^
        at(1536 + ((low >>> 8) & 255)) ^
        at(1280 + ((low >>> 16) & 255)) ^
        at(1024 + (low >>> 24)) ^
        at(768 + byte(index + 4)) ^
        at(512 + byte(index + 5)) ^
        at(256 + byte(index + 6)) ^
        at(byte(index + 7));
    }
    for (; index < bytes.length; index++) value = at((value ^ byte(index)) & 255) ^ (value >>> 8);
    this.#value = value;
  }

  digest(): Buffer {
    return bigEndian(BigInt((this.#value ^ 0xffffffff) >>> 0), 32n);
  }
}

interface HalfTables {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

// As above, in two halves: BigInt would be a hundred times as slow.
class SlicedCrc64 implements RunningChecksum {
  readonly #tables: HalfTables;
  #high = 0xffffffff;
  #low = 0xffffffff;

  constructor(tables: HalfTables) {
    this.#tables = tables;
  }

  update(bytes: Uint8Array): void {
    const { high: highs, low: lows } = this.#tables;
    const byte = (index: number): number => bytes[index] as number;
    let high = this.#high;
    let low = this.#low;
    let index = 0;
    for (; index + 8 <= bytes.length; index += 8) {
      const a =
        low ^ (byte(index) | (byte(index + 1) << 8) | (byte(index + 2) << 16) | (byte(index + 3) << 24));
      const b =
        high ^ (byte(index + 4) | (byte(index + 5) << 8) | (byte(index + 6) << 16) | (byte(index + 7) << 24));
      high = 0;
      low = 0;
      for (let slice = 0; slice < 4; slice++) {
        const first = (7 - slice) * 256 + ((a >>> (8 * slice)) & 255);
        const second = (3 - slice) * 256 + ((b >>> (8 * slice)) & 255);
        high ^= (highs[first] as number) ^ (highs[second] as number);
        low ^= (lows[first] as number) ^ (lows[second] as number);
      }
    }
    for (; index < bytes.length; index++) {
      const entry = (low ^ byte(index)) & 255;
      low = (lows[entry] as number) ^ ((low >>> 8) | (high << 24));
      high = (highs[entry] as number) ^ (high >>> 8);
    }
    this.#high = high;
    this.#low = low;
  }

  digest(): Buffer {
    const high = BigInt((this.#high ^ 0xffffffff) >>> 0);
    return bigEndian((high << 32n) | BigInt((this.#low ^ 0xffffffff) >>> 0), 64n);
  }
}

const TABLES_32C = once(() => Uint32Array.from(tables('CRC32C'), Number));

const TABLES_64 = once((): HalfTables => {
  const entries = tables('CRC64NVME');
  return {
    high: Uint32Array.from(entries, entry => Number(entry >> 32n)),
    low: Uint32Array.from(entries, entry => Number(entry & 0xffffffffn)),
  };
});

/** Eight tables of 256 entries: the effect of a byte that is followed by 0 to 7 zero bytes. */
function tables(name: CrcName): bigint[] {
  const { reversed } = POLYNOMIALS[name];
  const entries: bigint[] = [];
  for (let byte = 0n; byte < 256n; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ reversed : value >> 1n;
    entries.push(value);
  }
  for (let index = 256; index < 2048; index++) {
    const shorter = entries[index - 256] as bigint;
    entries.push((shorter >> 8n) ^ (entries[Number(shorter & 255n)] as bigint));
  }
  return entries;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/**
 * The CRC of two pieces of content joined, from the CRC of each and the length of the second.
 *
 * @see https://github.com/madler/zlib/blob/develop/crc32.c (crc32_combine)
 */
export function combineCrc(name: CrcName, first: Buffer, second: Buffer, secondLength: number): Buffer {
  const shifted = multiply(name, zeroBytes(name, secondLength), toBigInt(first));
  return bigEndian(shifted ^ toBigInt(second), POLYNOMIALS[name].width);
}

/** x to the power of `8 * length`: what that many zero bytes do to a CRC. Parts mostly have one length. */
function zeroBytes(name: CrcName, length: number): bigint {
  const cached = SHIFTS.get(`${name} ${length}`);
  if (cached !== undefined) return cached;
  const one = 1n << (POLYNOMIALS[name].width - 1n);
  let power = one;
  let square = one >> 1n;
  for (let exponent = BigInt(length) * 8n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) power = multiply(name, square, power);
    square = multiply(name, square, square);
  }
  SHIFTS.set(`${name} ${length}`, power);
  return power;
}

const SHIFTS = new Map<string, bigint>();

/** Product of two polynomials over GF(2), modulo the CRC's, all with bits reversed. */
function multiply(name: CrcName, a: bigint, b: bigint): bigint {
  const { width, reversed } = POLYNOMIALS[name];
  let product = 0n;
  let factor = b;
  for (let bit = 1n << (width - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ reversed : factor >> 1n;
  }
  return product;
}

function bigEndian(value: bigint, width: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(Number(width / 4n), '0'), 'hex');
}

function toBigInt(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}
