import { bindingContract } from '@fieldfile/conformance/binding';
import { MemoryStorage } from '@fieldfile/memory';
import { SQLITE_LACKS, SYNCHRONOUS_LACKS } from '@fieldfile/test-servers/databases';
import { bindingLoad } from '@fieldfile/test-servers/load';
import { describe, test } from 'vitest';
import { syncSubject } from './sync-subject.ts';

bindingContract({
  name: 'SynchronousDatabase on node:sqlite',
  test,
  describe,
  ...bindingLoad,
  createStorage: async () =>
    new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' }),
  open: setup => syncSubject(setup),
  lacks: { ...SQLITE_LACKS, ...SYNCHRONOUS_LACKS, version: 'it has no version columns' },
});
