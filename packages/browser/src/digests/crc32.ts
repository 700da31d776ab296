import { bytesOf } from '../control/unchanged.ts';
import { base64 } from './base64.ts';

/** A page goes on between two of them, and no more is in memory. */
const SLICE_BYTES = 2 * 1024 * 1024;

let table: Int32Array | undefined;

/**
 * The CRC-32 of a part, in base64. The file is read twice: now, and when the part is sent.
 *
 * @throws {UploadError} `file-changed`
 */
export async function crc32(part: Blob, signal: AbortSignal): Promise<string> {
  // Of each byte, and of each with one, two and three zeros behind it.
  table ??= Int32Array.from({ length: 1024 }, (_, index) => {
    let rest = index & 255;
    for (let bits = (index >> 8) * 8 + 8; bits > 0; bits--) rest = (rest >>> 1) ^ (rest & 1 && 0xedb88320);
    return rest;
  });
  let crc = -1;
  for (let start = 0; start < part.size; start += SLICE_BYTES) {
    signal.throwIfAborted();
    crc = added(crc, new DataView(await bytesOf(part.slice(start, start + SLICE_BYTES))), table);
  }
  return base64(new Uint8Array([~crc >>> 24, ~crc >>> 16, ~crc >>> 8, ~crc]));
}

/**
 * Four bytes at a time, which takes less than half as long as one by one. In Chromium it does so only where both loops count by
 * themselves, and the length is not asked for each time.
 */
function added(crc: number, bytes: DataView, table: Int32Array): number {
  const { byteLength } = bytes;
  for (let index = 0; index < byteLength - 3; index += 4) {
    crc ^= bytes.getInt32(index, true);
    crc =
      (table[768 + (crc & 255)] as number) ^
      (table[512 + ((crc >>> 8) & 255)] as number) ^
      (table[256 + ((crc >>> 16) & 255)] as number) ^
      (table[crc >>> 24] as number);
  }
  for (let index = byteLength & ~3; index < byteLength; index++)
    crc = (crc >>> 8) ^ (table[(crc ^ bytes.getUint8(index)) & 255] as number);
  return crc;
}
