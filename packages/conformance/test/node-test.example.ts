import { describe, test } from 'node:test';
import { storageContract } from '@fieldfile/conformance/storage';
import { MemoryStorage } from '@fieldfile/memory';

// The contract under `node --test`. vitest does not collect this file; node-test.test.ts runs it in a process of its own.
storageContract({
  name: 'memory',
  test,
  describe,
  create: async () => ({ storage: new MemoryStorage() }),
  lacks: { 'flat-memory': 'the objects themselves are in memory' },
  largeBytes: 512 * 1024,
  abortedUploads: 10,
});
