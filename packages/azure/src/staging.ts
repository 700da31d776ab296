import type { WriteId } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';

/** First segment of names that are the storage's own. */
export const INTERNAL = '.fieldfile';

/** Where a write of unknown length waits that may not show half-way under the name it replaces. */
export const stagingKey = (writeId: WriteId): ObjectName => `${INTERNAL}/${writeId}` as ObjectName;

export const isInternal = (name: string): boolean => name.startsWith(`${INTERNAL}/`);
