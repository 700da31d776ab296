import type { WriteId } from '@fieldfile/storage';

/** Write ids of the lock under which a write makes something derived. They follow from the write's own, for recovery. */
export const lockWriteIds = (writeId: WriteId): readonly [WriteId, WriteId] => [
  `${writeId}-lock-1` as WriteId,
  `${writeId}-lock-2` as WriteId,
];
