import { halfWay, throttled, withFaults } from '@fieldfile/conformance';
import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import { Storage } from '@fieldfile/storage';
import { subject } from './on-memory.ts';

/** Has read from the content when the service is busy, and keeps nothing of it to send again. */
export function givesUpOneShots(): Promise<StorageUnderTest> {
  const backend = new MemoryBackend();
  return subject(backend, {
    async faltering(nth) {
      let isStruck = false;
      const busy = halfWay(100, call => {
        isStruck = true;
        return throttled(call);
      });
      const plan = (['create', 'replace'] as const).map(on => ({ on, nth, fault: busy }));
      return { storage: new Storage(withFaults(backend, plan)), hasFaltered: () => isStruck };
    },
  });
}
