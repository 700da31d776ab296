import { bindingContract } from '@fieldfile/conformance';
import { MemoryStorage } from '@fieldfile/memory';
import { describe, test } from 'vitest';
import { tableSubject } from './table-subject.ts';

bindingContract({
  name: 'MemoryTable',
  test,
  describe,
  createStorage: async () => new MemoryStorage(),
  open: async setup => tableSubject(setup),
  lacks: {
    isolation: 'there is one connection, which sees everything',
    'bulk-update': 'a table in memory has no such call',
    'deferred-constraints': 'rows in memory have no constraints',
    'lost-commit': 'rows in memory are not committed over a connection',
  },
});
