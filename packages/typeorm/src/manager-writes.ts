import {
  columnValue,
  hasUnwritten,
  type RowChanges,
  RowsBefore,
  rekey,
  rowChanges,
  rowConflict,
  uploadOrUndo,
  writeRows,
} from '@fieldfile/core/binding';
import { EntityManager, type ObjectLiteral, type QueryRunner, UpdateResult } from 'typeorm';
import type { EntityField } from './accessor.ts';
import { keyColumns, keyOf, nested } from './keys.ts';
import { onPrimary } from './primary.ts';
import type { Registry, Selected, Target } from './registry.ts';
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
      save: async (typeorm, ...args) => {
        const rows = await this.#registry.rowsOf(args, one => one.isCascadeInsert || one.isCascadeUpdate);
        return this.#persist(manager, rows, typeorm);
      },
      insert: async (typeorm, _target, values) =>
        this.#persist(manager, await this.#registry.rowsOf(values), typeorm),
      update: (typeorm, target, criteria, values) =>
        this.#update(
          manager,
          this.#registry.selected(target as Target, criteria),
          values as ObjectLiteral,
          typeorm,
        ),
      updateAll: (typeorm, target, values) =>
        this.#update(manager, { target: target as Target, where: {} }, values as ObjectLiteral, typeorm),
      remove: async (typeorm, ...args) => {
        const rows = await this.#registry.rowsOf(args, relation => relation.isCascadeRemove);
        const selected = rows.flatMap(row => this.#registry.byKey(row));
        return this.#remove(manager, selected, typeorm, rows);
      },
      delete: (typeorm, target, criteria) =>
        this.#remove(manager, [this.#registry.selected(target as Target, criteria)], typeorm),
      deleteAll: (typeorm, target) =>
        this.#remove(manager, [{ target: target as Target, where: {} }], typeorm),
    };
    const { createQueryBuilder } = EntityManager.prototype;
    // What TypeORM reads while it writes is what it compares the rows with.
    manager.createQueryBuilder = (...args: unknown[]) => {
      const builder = createQueryBuilder.apply(manager, args as never);
      return this.#writing.running ? builder.cache(false) : builder;
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
    if (!rows.some(hasUnwritten) && this.#transactions.isAlone(manager.queryRunner)) {
      const result = await this.#writing.run(() => write(manager));
      for (const row of rows) rekey(row);
      return result;
    }
    const before = new RowsBefore(rows);
    let perhapsInPart = false;
    return writeRows<unknown, QueryRunner>({
      rows,
      within: work => this.#transactions.within(manager.queryRunner, work),
      write: async (runner, { changes, takeBack }) => {
        for (const [index, row] of rows.entries()) await this.#expect(runner.manager, row, changes[index]);
        perhapsInPart = changes.some(({ values }) => Object.keys(values).length > 0);
        return this.#writing.run(
          () => write(runner.manager),
          inserted => {
            for (const row of rows) takeBack(row, inserted.has(row) ? before.changed(row) : {});
          },
        );
      },
      perhapsInPart: () => perhapsInPart,
    });
  }

  /** TypeORM updates by key alone: the row is locked, and must have the files that the row object had. */
  async #expect(manager: EntityManager, row: object, changes: RowChanges | undefined): Promise<void> {
    const expected = Object.entries(changes?.expect ?? {});
    if (expected.length === 0) return;
    for (const selected of this.#registry.byKey(row))
      for (const { columns } of await this.#locked(manager, selected))
        if (expected.some(([column, value]) => columns[column] !== value))
          throw rowConflict(row.constructor.name);
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
    if (assigned.length === 0) return this.#statement(manager, update);
    this.#transactions.of(manager.queryRunner)?.throwIfEnded();
    const rows = await onPrimary(manager, primary =>
      primary.find(target, { where, loadEagerRelations: false, cache: false }),
    );
    const [first, ...rest] = rows;
    if (first) {
      Object.assign(first, values);
      await uploadOrUndo([first]);
      try {
        const copied = Object.fromEntries(assigned.map(name => [name, first[name].stored]));
        for (const row of rest) Object.assign(row, { ...values, ...copied });
        await manager.save(target, rows);
      } catch (error) {
        // They hold the object that they were to copy.
        for (const row of rest) for (const field of this.#registry.fieldsOf(row)) field.reset(row, null);
        await rowChanges(first).failed();
        throw error;
      }
    }
    return Object.assign(new UpdateResult(), { raw: [], affected: rows.length, generatedMaps: [] });
  }

  /** Deletes rows, and their objects after the commit. @param rows their objects, where there are such. */
  async #remove(
    manager: EntityManager,
    selected: readonly Selected[],
    remove: Write,
    rows: readonly object[] = [],
  ): Promise<unknown> {
    const withFiles = selected.filter(({ target }) => this.#registry.ofTarget(target).length > 0);
    if (withFiles.length === 0) return this.#statement(manager, remove);
    const before = new RowsBefore(rows);
    return writeRows<unknown, QueryRunner>({
      rows: [],
      within: work => this.#transactions.within(manager.queryRunner, work),
      write: async (runner, { removed, takeBack }) => {
        for (const one of withFiles)
          for (const { fields, columns } of await this.#locked(runner.manager, one))
            removed(fields, [columns]);
        const result = await remove(runner.manager);
        for (const row of rows) {
          takeBack(row, before.changed(row)); // TypeORM took its key
          removed(this.#registry.fieldsOf(row), [], [row]);
        }
        return result;
      },
      perhapsInPart: withFiles.length > 1,
    });
  }

  /** Keys and files as the database has them, which nobody else changes before the transaction ends. */
  async #locked(
    manager: EntityManager,
    { target, where }: Selected,
  ): Promise<readonly { readonly fields: readonly EntityField[]; readonly columns: ObjectLiteral }[]> {
    const files = this.#registry.ofTarget(target).map(({ field }) => field.name);
    const { dataSource } = this.#registry;
    const metadata = dataSource.getMetadata(target);
    const kind = metadata.discriminatorColumn ? [metadata.discriminatorColumn.propertyName] : [];
    const rows = await manager.find(target, {
      select: nested(
        Object.fromEntries([...keyColumns(metadata), ...kind, ...files].map(name => [name, true])),
      ),
      where,
      withDeleted: true,
      loadEagerRelations: false,
      cache: false,
      // SQLite has no locks of rows, and no others on its connection.
      ...(!this.#transactions.isShared && { lock: { mode: 'pessimistic_write' } }),
    });
    return rows.map(row => {
      const fields = this.#registry.fieldsOf(row);
      const names = fields.map(({ name }) => [name, columnValue(row[name])]);
      return { fields, columns: { ...keyOf(dataSource, row), ...Object.fromEntries(names) } };
    });
  }

  /** A write without files: in its turn in the transaction at hand, or by itself. */
  #statement(manager: EntityManager, write: Write): Promise<unknown> {
    if (this.#transactions.isAlone(manager.queryRunner)) return write(manager);
    return this.#transactions.within(manager.queryRunner, ({ executor }) => write(executor.manager));
  }
}
