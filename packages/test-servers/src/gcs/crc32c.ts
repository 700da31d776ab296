const SLICES = 8;

// tables[k][b]: the CRC of byte b followed by k zero bytes, so that eight bytes are folded in at a time.
const tables: readonly Int32Array[] = buildTables();

/** A CRC-32C (Castagnoli) over the bytes given so far. */
export class Crc32c {
  #remainder = -1;

  update(bytes: Uint8Array): void {
    const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as readonly [
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    let crc = this.#remainder;
    let at = 0;
    const at8 = bytes.length - (bytes.length % SLICES);
    while (at < at8) {
      const low =
        crc ^
        ((bytes[at] as number) |
          ((bytes[at + 1] as number) << 8) |
          ((bytes[at + 2] as number) << 16) |
          ((bytes[at + 3] as number) << 24));
      crc =
        (t7[low & 0xff] as number) ^
        (t6[(low >>> 8) & 0xff] as number) ^
        (t5[(low >>> 16) & 0xff] as number) ^
        (t4[low >>> 24] as number) ^
        (t3[bytes[at + 4] as number] as number) ^
        (t2[bytes[at + 5] as number] as number) ^
        (t1[bytes[at + 6] as number] as number) ^
        (t0[bytes[at + 7] as number] as number);
      at += SLICES;
    }
    for (; at < bytes.length; at++) {
      crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] as number)) & 0xff] as number);
    }
    this.#remainder = crc;
  }

  /** The checksum as Google writes it: four bytes, most significant first, in base64. */
  base64(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(~this.#remainder);
    return bytes.toString('base64');
  }
}

function buildTables(): Int32Array[] {
  const reversedPolynomial = 0x82f63b78;
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ reversedPolynomial : crc >>> 1;
    return crc;
  });
  const all = [first];
  for (let slice = 1; slice < SLICES; slice++) {
    const before = all[slice - 1] as Int32Array;
    all.push(before.map(crc => (crc >>> 8) ^ (first[crc & 0xff] as number)));
  }
  return all;
}
