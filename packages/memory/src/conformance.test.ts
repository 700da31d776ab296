import { before, type Operation, refused, withFaults } from '@fieldfile/conformance';
import { storageContract } from '@fieldfile/conformance/storage';
import { Storage } from '@fieldfile/storage';
import { storageLoad } from '@fieldfile/test-servers/load';
import { describe, test } from 'vitest';
import { MemoryStorage } from './storage.ts';

const OPERATIONS: readonly Operation[] = ['create', 'replace', 'read', 'stat', 'remove', 'list', 'copy'];

storageContract({
  name: 'memory',
  test,
  describe,
  ...storageLoad,
  lacks: { 'flat-memory': 'the objects themselves are in memory' },
  async create() {
    const storage = new MemoryStorage();
    const refusals = OPERATIONS.map(on => ({ on, fault: before(refused) }));
    return {
      storage,
      reopen: async () => new Storage(storage.backend),
      forbidden: async () => new Storage(withFaults(storage.backend, refusals)),
    };
  },
});
