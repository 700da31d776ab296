import { FieldFileError } from '@fieldfile/core';
import {
  columnValue,
  hasUnwritten,
  pickKey,
  type RowChanges,
  rowChanges,
  uploadOrUndo,
  writeRows,
} from '@fieldfile/core/binding';
import {
  EntityManager,
  type FindOptionsWhere,
  type ObjectLiteral,
  type RelationMetadata,
  UpdateResult,
} from 'typeorm';
import { keyColumns } from './entity-binding.ts';
import { type Registry, type Target, whereOf } from './registry.ts';
import type { Isolation } from './runner-statements.ts';
import type { RunnerTransactions } from './runner-transactions.ts';
import type { TypeormWriting } from './typeorm-writing.ts';

type Method = (...args: unknown[]) => Promise<unknown>;
/** What TypeORM does, on whatever manager. */
type Write = (manager: EntityManager) => Promise<unknown>;

/** They write no files. */
const OTHERS = [
  'softRemove',
  'recover',
  'upsert',
  'softDelete',
  'restore',
  'increment',
  'decrement',
] as const;

/** What entity managers do with rows, and with their files around it. */
export class ManagerWrites {
  readonly #registry: Registry;
  readonly #transactions: RunnerTransactions;
  readonly #writing: TypeormWriting;

  constructor(registry: Registry, transactions: RunnerTransactions, writing: TypeormWriting) {
    this.#registry = registry;
    this.#transactions = transactions;
    this.#writing = writing;
  }

  /** Takes the place of a manager's own methods, which repositories call, too. */
  watch(manager: EntityManager): EntityManager {
    const transactions = this.#transactions;
    const originally = (method: keyof EntityManager, ...args: unknown[]): Write => {
      const original = EntityManager.prototype[method] as unknown as Method;
      return on => original.apply(on, args);
    };
    const methods: Record<string, Method> = {
      transaction: (...args) => {
        const work = args.find(arg => typeof arg === 'function');
        if (!work) return originally('transaction', ...args)(manager);
        const isolation = args.find(arg => typeof arg === 'string') as Isolation;
        return transactions.transaction(manager, async inner => work(inner), isolation);
      },
      save: (...args) => {
        const cascades = (relation: RelationMetadata): boolean =>
          relation.isCascadeInsert || relation.isCascadeUpdate;
        return this.#persist(manager, this.#rowsOf(args, cascades), originally('save', ...args));
      },
      insert: (target, values) =>
        this.#persist(manager, this.#rowsOf(values), originally('insert', target, values)),
      update: async (target, criteria, values, options) => {
        const selected = this.#selected(target as Target, criteria);
        const update = originally('update', target, criteria, values, options);
        return this.#update(manager, selected, values as ObjectLiteral, update);
      },
      updateAll: (target, values, options) => {
        const update = originally('updateAll', target, values, options);
        return this.#update(manager, { target: target as Target }, values as ObjectLiteral, update);
      },
      remove: async (...args) => {
        const removed = this.#rowsOf(args, relation => relation.isCascadeRemove);
        const selected = removed.flatMap(row => this.#byKey(row));
        return this.#remove(manager, selected, originally('remove', ...args));
      },
      delete: async (target, criteria) => {
        const selected = this.#selected(target as Target, criteria);
        return this.#remove(manager, [selected], originally('delete', target, criteria));
      },
      deleteAll: target =>
        this.#remove(manager, [{ target: target as Target }], originally('deleteAll', target)),
    };
    for (const method of OTHERS)
      methods[method] = (...args) => transactions.statement(manager, originally(method, ...args));
    return Object.assign(manager, methods);
  }

  /** Saves or inserts rows, with what was assigned to their files. */
  async #persist(manager: EntityManager, rows: readonly object[], write: Write): Promise<unknown> {
    const transactions = this.#transactions;
    const before = new Map(rows.map(row => [row, { ...row }]));
    if (!rows.some(hasUnwritten) && !transactions.of(manager.queryRunner))
      return transactions.statement(manager, on => this.#writing.run(before, () => write(on)));
    let perhapsInPart = false;
    return writeRows<unknown, EntityManager>({
      rows,
      within: work => transactions.within(manager, work),
      write: async (on, { changes, takeBack }) => {
        for (const [index, row] of rows.entries()) await this.#expect(on, row, changes[index]);
        perhapsInPart = changes.some(({ values }) => Object.keys(values).length > 0);
        return this.#writing.run(before, () => write(on), takeBack);
      },
      perhapsInPart: () => perhapsInPart,
    });
  }

  /** TypeORM updates by key alone: the row is locked, and must have the files that the row object had. */
  async #expect(manager: EntityManager, row: object, changes: RowChanges | undefined): Promise<void> {
    const expected = Object.entries(changes?.expect ?? {});
    if (expected.length === 0) return;
    const [selected] = this.#byKey(row);
    const [found] = selected ? await this.#locked(manager, selected) : [];
    if (!found || expected.every(([column, value]) => found[column] === value)) return;
    throw new FieldFileError(
      'conflict',
      `The row of ${row.constructor.name} has another file than this object knew: nothing was written. Load it again.`,
      { operation: 'save' },
    );
  }

  /** Every row gets an object of its own; without files among the values, TypeORM's own update. */
  async #update(
    manager: EntityManager,
    { target, where }: Selected,
    values: ObjectLiteral,
    update: Write,
  ): Promise<unknown> {
    const files = this.#registry.ofTarget(target).map(({ field }) => field.name);
    const assigned = files.filter(name => values[name] !== undefined);
    if (assigned.length === 0) return this.#transactions.statement(manager, update);
    this.#transactions.of(manager.queryRunner)?.throwIfEnded();
    const rows = await manager.find(target, { ...(where && { where }), loadEagerRelations: false });
    const [first, ...rest] = rows;
    if (first) {
      Object.assign(first, values);
      await uploadOrUndo([first]);
      try {
        const copied = Object.fromEntries(assigned.map(name => [name, first[name].stored]));
        for (const row of rest) Object.assign(row, { ...values, ...copied });
        await manager.save(target, rows);
      } catch (error) {
        await rowChanges(first).failed();
        throw error;
      }
    }
    return Object.assign(new UpdateResult(), { raw: [], affected: rows.length, generatedMaps: [] });
  }

  /** Deletes rows, and their objects after the commit. */
  async #remove(manager: EntityManager, selected: readonly Selected[], remove: Write): Promise<unknown> {
    const withFiles = selected.filter(({ target }) => this.#registry.ofTarget(target).length > 0);
    if (withFiles.length === 0) return this.#transactions.statement(manager, remove);
    return writeRows<unknown, EntityManager>({
      rows: [],
      within: work => this.#transactions.within(manager, work),
      write: async (on, { removed }) => {
        for (const one of withFiles) {
          const fields = this.#registry.ofTarget(one.target).map(({ field }) => field);
          removed(fields, await this.#locked(on, one));
        }
        return remove(on);
      },
      perhapsInPart: withFiles.length > 1,
    });
  }

  /** Keys and files as the database has them, which nobody else changes before the transaction ends. */
  async #locked(manager: EntityManager, { target, where }: Selected): Promise<ObjectLiteral[]> {
    const metadata = this.#registry.dataSource.getMetadata(target);
    const files = this.#registry.ofTarget(target).map(({ field }) => field);
    const keys = keyColumns(metadata);
    const names = [...keys, ...files.map(({ name }) => name)];
    const rows = await manager.find(target, {
      select: Object.fromEntries(names.map(name => [name, true])),
      ...(where && { where }),
      withDeleted: true,
      loadEagerRelations: false,
      // SQLite has no locks of rows, and no others on its connection.
      ...(!this.#transactions.sharesConnection && { lock: { mode: 'pessimistic_write' } }),
    });
    return rows.map(row => {
      const columns: ObjectLiteral = { ...pickKey(row, keys) };
      for (const { name } of files) columns[name] = columnValue(row[name]);
      return columns;
    });
  }

  #rowsOf(
    values: unknown,
    cascades: (relation: RelationMetadata) => boolean = () => false,
  ): readonly object[] {
    return this.#registry.rowsOf(values, cascades);
  }

  #selected(target: Target, criteria: unknown): Selected {
    return { target, where: whereOf(this.#registry.dataSource.getMetadata(target), criteria) };
  }

  /** None of a row that has no key yet. */
  #byKey(row: object): Selected[] {
    const target = row.constructor;
    const key = pickKey(row, keyColumns(this.#registry.dataSource.getMetadata(target)));
    return key ? [{ target, where: [key] }] : [];
  }
}

/** Rows of an entity; all where no condition is given. */
interface Selected {
  readonly target: Target;
  readonly where?: FindOptionsWhere<ObjectLiteral>[];
}
