import type { WriteId } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import type { Intent, Taking } from '../../src/journal/journal.ts';

export const STORAGE = 'memory:test';

export const intent = (name: string, changes: Partial<Intent> = {}): Intent => ({
  id: newWriteId(),
  kind: 'store',
  storage: STORAGE,
  name,
  model: 'user',
  field: 'avatar',
  key: { id: 1 },
  ...changes,
});

export const taking = (id: WriteId, changes: Partial<Taking> = {}): Taking => ({
  id,
  begun: true,
  storage: STORAGE,
  oldName: null,
  settles: true,
  model: 'user',
  field: 'avatar',
  key: { id: 1 },
  ...changes,
});
