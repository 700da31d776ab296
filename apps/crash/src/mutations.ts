import { isFieldFileError, type ObjectInfo, type ObjectVersion } from '@fieldfile/core';
import type { ColumnValues } from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import type { Backend, WriteId } from '@fieldfile/storage';
import { type ObjectName, toSource } from '@fieldfile/storage/backend';
import type { RowStatement } from './documents.ts';
import { intercept } from './intercept.ts';
import type { Step } from './steps.ts';
import type { DatabasePlace } from './world.ts';

/** What core is given, right or wrong. */
export interface Parts {
  readonly journal: Journal;
  readonly backend: Backend;
}

/** The lifecycle with one mistake in it, which the comparison at the end must notice. */
export interface Mutation {
  readonly mistake: string;
  /** Where the rows are when nothing else is asked for. */
  readonly database: DatabasePlace['kind'];
  /** Where its processes are killed or stopped, so that a short run finds it. */
  readonly kill: readonly Step[];
  readonly stop?: Step;
  /** How many of the workers are stopped. */
  readonly stopShare?: number;
  /** The share of names that several processes try at once. */
  readonly rivalry?: number;
  /** Its inspector lets everything through. */
  readonly isBlind?: boolean;
  /** What is asked of rows instead. */
  statement?(statement: RowStatement): RowStatement;
  apply(parts: Parts): Parts;
}

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'no-intent': {
    mistake: 'journal write skipped',
    database: 'postgresql',
    kill: ['mid-upload', 'after create', 'after row write'],
    apply: ({ journal, backend }) => ({
      backend,
      journal: intercept(journal, {
        begin: async () => {},
        rename: async () => {},
        take: async (taking, transaction) => {
          if (taking.oldName !== null || !taking.begun)
            await journal.take({ ...taking, begun: false }, transaction);
        },
      }),
    }),
  },
  'late-rename': {
    mistake: 'name tried before it is journalled',
    database: 'postgresql',
    kill: ['after create'],
    apply: ({ journal, backend }) => {
      let journalled = async (): Promise<void> => {};
      return {
        journal: intercept(journal, {
          rename: async (id, name) => {
            journalled = () => journal.rename(id, name);
          },
        }),
        backend: intercept(backend, {
          async create(source, names, options) {
            journalled = async () => {};
            const info = await backend.create(source, names, options);
            await journalled();
            return info;
          },
        }),
      };
    },
  },
  'no-fence': {
    mistake: 'fence not taken',
    database: 'postgresql',
    kill: ['after commit'],
    stop: 'after create',
    // All: who was not would give the rows other files.
    stopShare: 1,
    apply: ({ journal, backend }) => ({
      backend,
      journal: intercept(journal, {
        async take(taking, transaction) {
          try {
            await journal.take(taking, transaction);
          } catch (error) {
            if (!isFieldFileError(error, 'intent-lost')) throw error;
          }
        },
      }),
    }),
  },
  'row-first': {
    mistake: 'order swapped: row before object',
    database: 'postgresql',
    kill: ['after commit'],
    apply: ({ journal, backend }) => ({ journal, backend: creatingLate(backend) }),
  },
  'early-removal': {
    mistake: 'delete before commit',
    database: 'postgresql',
    kill: ['after take'],
    apply: ({ journal, backend }) => ({
      backend,
      journal: intercept(journal, {
        async take(taking, transaction) {
          if (taking.oldName !== null) await backend.remove(taking.oldName as ObjectName);
          await journal.take(taking, transaction);
        },
      }),
    }),
  },
  'known-first': {
    mistake: 'columns written after the bytes, not unknown before',
    database: 'postgresql',
    kill: ['after replace', 'mid-upload', 'after row write'],
    statement: ({ values, expect }) => ({
      values: withoutUnknown(values),
      expect: { file: expect.file ?? null },
    }),
    apply: ({ journal, backend }) => ({
      backend,
      journal: intercept(journal, {
        begin: async (intent, transaction) => {
          if (intent.kind !== 'replace') await journal.begin(intent, transaction);
        },
        take: async (taking, transaction) => {
          const isReplacement = taking.begun && !taking.settles && taking.oldName === null;
          if (!isReplacement) await journal.take(taking, transaction);
        },
      }),
    }),
  },
  'forgotten-stage': {
    mistake: 'staged file handed back to nobody',
    database: 'postgresql',
    kill: ['after hand back', 'after resume'],
    apply: ({ journal, backend }) => ({
      backend,
      journal: intercept(journal, {
        handBack: async id => {
          await journal.end(id);
          return true;
        },
      }),
    }),
  },
  'late-verdict': {
    mistake: 'content published before the verdict',
    database: 'postgresql',
    kill: ['after create'],
    isBlind: true,
    apply: parts => parts,
  },
  'undo-by-name': {
    mistake: 'undo by name only',
    // There a stopped uploader keeps its entry: what it stored must outlive the recovery of another of that name.
    database: 'sqlite',
    kill: ['after journal begin'],
    stop: 'after create',
    stopShare: 0.5,
    rivalry: 1,
    apply: ({ journal, backend }) => ({
      journal,
      backend: intercept(backend, {
        undo: async (key: ObjectName) => ((await backend.remove(key)) ? 'removed' : 'absent'),
      }),
    }),
  },
};

/** A replacement's first statement, without what it is for. */
function withoutUnknown(values: ColumnValues): ColumnValues {
  const { file, digest } = values;
  return digest === null && file !== null && file !== undefined ? { file } : values;
}

/** @param name of a mutation; undefined: none. */
export function mutated(name: string | undefined, parts: Parts): Parts {
  return (name === undefined ? undefined : MUTATIONS[name])?.apply(parts) ?? parts;
}

/** Answers before anything is stored, and stores it when it is settled. */
function creatingLate(backend: Backend): Backend {
  const waiting = new Map<WriteId, () => Promise<ObjectInfo>>();
  return intercept(backend, {
    async create(source, names, options) {
      let key = names.first;
      while (await backend.info(key)) key = await names.next(key);
      const chunks = await Array.fromAsync(source.open());
      const bytes = Buffer.concat(chunks);
      const next = async (): Promise<never> => {
        throw new Error('The name was free.');
      };
      const late = toSource(bytes, { operation: 'create', storage: backend.id });
      waiting.set(options.writeId, () => backend.create(late, { first: key, next }, options));
      const version = options.writeId as string as ObjectVersion;
      return { name: key, sizeBytes: bytes.byteLength, version, lastModified: new Date(), metadata: {} };
    },
    async settle(key, writeId) {
      const create = waiting.get(writeId);
      waiting.delete(writeId);
      await create?.();
      await backend.settle?.(key, writeId);
    },
  });
}
