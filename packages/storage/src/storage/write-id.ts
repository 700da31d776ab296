import type { WriteId } from './backend.ts';

/** A fresh write id: 32 hexadecimal digits, safe in file names and metadata. */
export function newWriteId(): WriteId {
  return crypto.randomUUID().replaceAll('-', '') as WriteId;
}
