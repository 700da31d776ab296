import { bindingContract } from '@fieldfile/conformance/binding';
import { MemoryStorage } from '@fieldfile/memory';
import { declared } from '@fieldfile/test-servers/contracts';
import { bindingLoad } from '@fieldfile/test-servers/load';
import { describe, test } from 'vitest';
import { syncSubject } from './sync-subject.ts';

bindingContract({
  ...declared('SynchronousDatabase on SQLite (node:sqlite)'),
  test,
  describe,
  ...bindingLoad,
  createStorage: async () =>
    new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' }),
  open: setup => syncSubject(setup),
});
