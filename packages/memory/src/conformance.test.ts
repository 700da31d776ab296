import { storageContract } from '@fieldfile/conformance';
import { Storage } from '@fieldfile/core';
import { describe, test } from 'vitest';
import { MemoryStorage } from './storage.ts';

storageContract({
  name: 'memory',
  test,
  describe,
  lacks: { 'flat-memory': 'the objects themselves are in memory' },
  async create() {
    const storage = new MemoryStorage();
    return { storage, reopen: async () => new Storage(storage.backend) };
  },
});
