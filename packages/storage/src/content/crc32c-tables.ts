import type { RunningDigest } from './running-digest.ts';

/** Bytes that are folded in at a time. */
const SLICES = 16;

/** At `256 × k + b`: the CRC of byte `b` followed by `k` zero bytes. */
const TABLE: Int32Array = makeTable();

const isLittleEndian = new Uint8Array(new Int32Array([1]).buffer)[0] === 1;

/** A running CRC-32C by tables, sixteen bytes at a time: for runtimes without WebAssembly's vectors, and for what is left. */
export function crc32cByTables(): RunningDigest {
  let crc = -1;
  return {
    update: chunk => {
      crc = fold(crc, chunk);
    },
    base64: () => {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setInt32(0, ~crc);
      return btoa(String.fromCharCode(...bytes));
    },
  };
}

function fold(before: number, chunk: Uint8Array): number {
  let crc = before;
  let at = 0;
  const end = chunk.byteLength;
  if (isLittleEndian && end >= 2 * SLICES) {
    // Words begin at multiples of four.
    for (; (chunk.byteOffset + at) % 4 !== 0; at++) crc = (crc >>> 8) ^ entry(0, crc ^ (chunk[at] as number));
    const words = new Int32Array(chunk.buffer, chunk.byteOffset + at, (((end - at) / SLICES) | 0) * 4);
    for (let word = 0; word < words.length; word += 4) {
      const a = crc ^ (words[word] as number);
      const b = words[word + 1] as number;
      const c = words[word + 2] as number;
      const d = words[word + 3] as number;
      crc =
        entry(15, a) ^
        entry(14, a >>> 8) ^
        entry(13, a >>> 16) ^
        entry(12, a >>> 24) ^
        entry(11, b) ^
        entry(10, b >>> 8) ^
        entry(9, b >>> 16) ^
        entry(8, b >>> 24) ^
        entry(7, c) ^
        entry(6, c >>> 8) ^
        entry(5, c >>> 16) ^
        entry(4, c >>> 24) ^
        entry(3, d) ^
        entry(2, d >>> 8) ^
        entry(1, d >>> 16) ^
        entry(0, d >>> 24);
    }
    at += words.byteLength;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ entry(0, crc ^ (chunk[at] as number));
  return crc;
}

function entry(slice: number, byte: number): number {
  return TABLE[slice * 256 + (byte & 0xff)] as number;
}

function makeTable(): Int32Array {
  const reversedPolynomial = 0x82f63b78;
  const table = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ reversedPolynomial : crc >>> 1;
    table[byte] = crc;
  }
  for (let index = 256; index < table.length; index++) {
    const crc = table[index - 256] as number;
    table[index] = (crc >>> 8) ^ (table[crc & 0xff] as number);
  }
  return table;
}
