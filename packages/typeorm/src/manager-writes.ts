import {
  columnValue,
  hasUnwritten,
  pickKey,
  type RowChanges,
  RowsBefore,
  rowChanges,
  rowConflict,
  uploadOrUndo,
  writeRows,
} from '@fieldfile/core/binding';
import { EntityManager, type ObjectLiteral, type QueryRunner, UpdateResult } from 'typeorm';
import { keyColumns, type Registry, type Selected, type Target } from './registry.ts';
import type { Isolation, RunnerTransactions } from './runner-driver.ts';
import type { TypeormWriting } from './typeorm-writing.ts';

type Method = (...args: unknown[]) => Promise<unknown>;
/** What TypeORM does, on whatever manager. */
type Write = (manager: EntityManager) => Promise<unknown>;

/** They write no files. */
const OTHERS = 'softRemove recover upsert softDelete restore increment decrement'.split(' ');

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
    const { queryRunner } = manager;
    const methods: Record<string, (typeorm: Write, ...args: unknown[]) => Promise<unknown>> = {
      transaction: (typeorm, ...args) => {
        const work = args.find(arg => typeof arg === 'function');
        if (!work) return typeorm(manager);
        const isolation = args.find(arg => typeof arg === 'string') as Isolation;
        return this.#transactions.run(queryRunner, async runner => work(runner.manager), isolation);
      },
      save: (typeorm, ...args) => {
        const rows = this.#registry.rowsOf(args, one => one.isCascadeInsert || one.isCascadeUpdate);
        return this.#persist(manager, rows, typeorm);
      },
      insert: (typeorm, _target, values) => this.#persist(manager, this.#registry.rowsOf(values), typeorm),
      update: (typeorm, target, criteria, values) =>
        this.#update(
          manager,
          this.#registry.selected(target as Target, criteria),
          values as ObjectLiteral,
          typeorm,
        ),
      updateAll: (typeorm, target, values) =>
        this.#update(manager, { target: target as Target, where: {} }, values as ObjectLiteral, typeorm),
      remove: (typeorm, ...args) => {
        const rows = this.#registry.rowsOf(args, relation => relation.isCascadeRemove);
        return this.#remove(
          manager,
          rows.flatMap(row => this.#registry.byKey(row)),
          typeorm,
        );
      },
      delete: (typeorm, target, criteria) =>
        this.#remove(manager, [this.#registry.selected(target as Target, criteria)], typeorm),
      deleteAll: (typeorm, target) =>
        this.#remove(manager, [{ target: target as Target, where: {} }], typeorm),
    };
    for (const method of OTHERS) methods[method] = typeorm => this.#statement(manager, typeorm);
    for (const [name, method] of Object.entries(methods)) {
      const original = EntityManager.prototype[name as 'save'] as unknown as Method;
      const watched: Method = async (...args) => method(on => original.apply(on, args), ...args);
      Object.assign(manager, { [name]: watched });
    }
    return manager;
  }

  /** Saves or inserts rows, with what was assigned to their files. */
  async #persist(manager: EntityManager, rows: readonly object[], write: Write): Promise<unknown> {
    if (!rows.some(hasUnwritten) && this.#transactions.isAlone(manager.queryRunner))
      return this.#writing.run(() => write(manager));
    const before = new RowsBefore(rows);
    let perhapsInPart = false;
    return writeRows<unknown, QueryRunner>({
      rows,
      within: work => this.#transactions.within(manager.queryRunner, work),
      write: async (runner, { changes, takeBack }) => {
        for (const [index, row] of rows.entries()) await this.#expect(runner.manager, row, changes[index]);
        perhapsInPart = changes.some(({ values }) => Object.keys(values).length > 0);
        return this.#writing.run(() => write(runner.manager), before, takeBack);
      },
      perhapsInPart: () => perhapsInPart,
    });
  }

  /** TypeORM updates by key alone: the row is locked, and must have the files that the row object had. */
  async #expect(manager: EntityManager, row: object, changes: RowChanges | undefined): Promise<void> {
    const expected = Object.entries(changes?.expect ?? {});
    if (expected.length === 0) return;
    for (const selected of this.#registry.byKey(row))
      for (const found of await this.#locked(manager, selected))
        if (expected.some(([column, value]) => found[column] !== value))
          throw rowConflict(row.constructor.name);
  }

  /** Every row gets an object of its own; without files among the values, TypeORM's own update. */
  async #update(
    manager: EntityManager,
    { target, where }: Selected,
    values: ObjectLiteral,
    update: Write,
  ): Promise<unknown> {
    const files = this.#registry.fieldsOf(target).map(({ name }) => name);
    const assigned = files.filter(name => values[name] !== undefined);
    if (assigned.length === 0) return this.#statement(manager, update);
    this.#transactions.of(manager.queryRunner)?.throwIfEnded();
    const rows = await manager.find(target, { where, loadEagerRelations: false });
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
    if (withFiles.length === 0) return this.#statement(manager, remove);
    return writeRows<unknown, QueryRunner>({
      rows: [],
      within: work => this.#transactions.within(manager.queryRunner, work),
      write: async (runner, { removed }) => {
        for (const one of withFiles)
          removed(this.#registry.fieldsOf(one.target), await this.#locked(runner.manager, one));
        return remove(runner.manager);
      },
      perhapsInPart: withFiles.length > 1,
    });
  }

  /** Keys and files as the database has them, which nobody else changes before the transaction ends. */
  async #locked(manager: EntityManager, { target, where }: Selected): Promise<ObjectLiteral[]> {
    const files = this.#registry.fieldsOf(target).map(({ name }) => name);
    const keys = keyColumns(this.#registry.dataSource.getMetadata(target));
    const rows = await manager.find(target, {
      select: Object.fromEntries([...keys, ...files].map(name => [name, true])),
      where,
      withDeleted: true,
      loadEagerRelations: false,
      // SQLite has no locks of rows, and no others on its connection.
      ...(!this.#transactions.isShared && { lock: { mode: 'pessimistic_write' } }),
    });
    return rows.map(row => {
      const columns: ObjectLiteral = { ...pickKey(row, keys) };
      for (const name of files) columns[name] = columnValue(row[name]);
      return columns;
    });
  }

  /** A write without files: in its turn in the transaction at hand, or by itself. */
  #statement(manager: EntityManager, write: Write): Promise<unknown> {
    if (this.#transactions.isAlone(manager.queryRunner)) return write(manager);
    return this.#transactions.within(manager.queryRunner, ({ executor }) => write(executor.manager));
  }
}
