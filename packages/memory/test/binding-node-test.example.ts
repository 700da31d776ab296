import { describe, test } from 'node:test';
import { bindingContract } from '@fieldfile/conformance/binding';
import { MemoryStorage } from '@fieldfile/memory';
import { tableSubject } from './table-subject.ts';

// The contract under `node --test`. vitest does not collect this file; table.conformance.test.ts runs it in a process of its own.
bindingContract({
  name: 'MemoryTable',
  test,
  describe,
  createStorage: async () =>
    new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' }),
  open: async setup => tableSubject(setup),
  lacks: {
    isolation: 'there is one connection, which sees everything',
    'bulk-update': 'a table in memory has no such call',
    'deferred-constraints': 'rows in memory have no constraints',
    'not-null': 'rows in memory have no constraints',
    'lost-commit': 'rows in memory are not committed over a connection',
  },
  payloadBytes: 1000,
  warmUp: 100,
});
