/** Objects written in parts, for who takes uploads piece by piece. */
export type {
  PartDigest,
  PartedWrite,
  PartLimits,
  PartPlace,
  SignedPart,
  SignPartOptions,
  StoredPart,
  WritePartOptions,
} from './storage/parts.ts';
export {
  type BeginPartsOptions,
  StorageParts,
  storageParts,
  type WriteOnePartOptions,
} from './storage/storage-parts.ts';
export { writeIdWithin } from './storage/write-id.ts';
