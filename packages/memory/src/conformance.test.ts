import { before, type Operation, refused, withFaults } from '@fieldfile/conformance';
import { storageContract } from '@fieldfile/conformance/storage';
import { Storage } from '@fieldfile/storage';
import { storageLoad } from '@fieldfile/test-servers/load';
import { serveSigned } from '@fieldfile/test-servers/serve-signed';
import { describe, test } from 'vitest';
import { MemoryStorage } from './storage.ts';

const OPERATIONS: readonly Operation[] = ['create', 'replace', 'read', 'info', 'remove', 'list', 'copy'];

const SECRET = 'a secret of at least thirty-two bytes';

storageContract({
  name: 'memory',
  test,
  describe,
  ...storageLoad,
  lacks: { 'flat-memory': 'the objects themselves are in memory' },
  async create() {
    const storage = new MemoryStorage({ baseUrl: '/media/', signingKey: SECRET });
    const refusals = OPERATIONS.map(on => ({ on, fault: before(refused) }));
    return {
      storage,
      fetch: serveSigned(storage.backend),
      reopen: async () => new Storage(storage.backend),
      forbidden: async () => new Storage(withFaults(storage.backend, refusals)),
    };
  },
  secrets: [SECRET],
});
