/** A name of exactly so many bytes, in segments of about one length, so that the last can be shortened. */
export function longestKey(maxNameBytes: number, maxSegmentBytes: number): string {
  const count = Math.ceil((maxNameBytes + 1) / (maxSegmentBytes + 1));
  const letters = maxNameBytes - (count - 1);
  const length = Math.floor(letters / count);
  const longer = letters % count;
  return Array.from({ length: count }, (_, index) => 'a'.repeat(length + (index < longer ? 1 : 0))).join('/');
}
