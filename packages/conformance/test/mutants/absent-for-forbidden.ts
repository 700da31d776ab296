import { before, refused, withFaults } from '@fieldfile/conformance';
import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import { type ObjectInfo, Storage } from '@fieldfile/storage';
import { subject } from './on-memory.ts';

/** Takes every failure to look for "nothing there", as one that asks with HEAD and sees only a status. */
class AbsentForForbidden extends MemoryBackend {
  override async info(): Promise<ObjectInfo | undefined> {
    return undefined;
  }
}

export function absentForForbidden(): Promise<StorageUnderTest> {
  const refusals = (['create', 'replace', 'read', 'remove', 'list', 'copy'] as const).map(on => ({
    on,
    fault: before(refused),
  }));
  return subject(new MemoryBackend(), {
    forbidden: async () => new Storage(withFaults(new AbsentForForbidden(), refusals)),
  });
}
