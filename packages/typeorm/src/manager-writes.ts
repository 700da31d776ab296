import { FieldFileError, upload } from '@fieldfile/core';
import {
  columnValue,
  type RowChanges,
  type RowRemoval,
  rowChanges,
  rowRemoval,
} from '@fieldfile/core/binding';
import {
  EntityManager,
  type FindOptionsWhere,
  type ObjectLiteral,
  type RelationMetadata,
  UpdateResult,
} from 'typeorm';
import { keyOf, opened } from './entity-binding.ts';
import { type Registry, type Target, whereOf } from './registry.ts';
import type { RunnerTransactions } from './runner-transactions.ts';
import { sqlExecutor } from './sql-executor.ts';

type Method = (...args: unknown[]) => Promise<unknown>;
/** What TypeORM does, on whatever manager. */
type Write = (manager: EntityManager) => Promise<unknown>;

/** They write no files, and wait their turn where all have one connection. */
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

  constructor(registry: Registry, transactions: RunnerTransactions) {
    this.#registry = registry;
    this.#transactions = transactions;
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
        const begun = args.map(arg =>
          typeof arg !== 'function'
            ? arg
            : (inner: EntityManager) => transactions.within(opened(inner.queryRunner), () => arg(inner)),
        );
        return transactions.run(() => originally('transaction', ...begun)(manager));
      },
      save: (...args) => this.#save(manager, args, originally('save', ...args)),
      insert: async (target, values) => {
        const rows = this.#rowsOf(values);
        await upload(rows);
        return this.#persist(manager, rows, originally('insert', target, values), { update: false });
      },
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
      methods[method] = (...args) => transactions.run(() => originally(method, ...args)(manager));
    return Object.assign(manager, methods);
  }

  async #save(manager: EntityManager, args: unknown[], save: Write): Promise<unknown> {
    const rows = this.#rowsOf(args, relation => relation.isCascadeInsert || relation.isCascadeUpdate);
    await upload(rows);
    return this.#persist(manager, rows, save, { update: true });
  }

  /** Writes rows whose files are stored, and takes the journal's entries in the same transaction. */
  async #persist(
    manager: EntityManager,
    rows: readonly object[],
    write: Write,
    { update }: { readonly update: boolean },
  ): Promise<unknown> {
    const transactions = this.#transactions;
    const changed = rows
      .map(row => ({ row, changes: rowChanges(row) }))
      .filter(({ changes }) => Object.keys(changes.values).length > 0);
    if (changed.length === 0) return transactions.run(() => transactions.write(() => write(manager)));
    let begun = false;
    try {
      return await this.#atomically(manager, async inner => {
        begun = true;
        const runner = opened(inner.queryRunner);
        const scope = transactions.scope(runner);
        let perhapsWritten = false;
        try {
          if (update) for (const { row, changes } of changed) await this.#expect(inner, row, changes);
          perhapsWritten = true;
          const result = await transactions.write(() => write(inner));
          for (const { changes } of changed) await changes.take(sqlExecutor(runner));
          for (const { changes } of changed) await changes.written(scope);
          return result;
        } catch (error) {
          if (perhapsWritten) scope?.refuseCommit(error);
          for (const { changes } of changed) await changes.failed(scope);
          throw error;
        }
      });
    } catch (error) {
      if (!begun) for (const { changes } of changed) await changes.failed();
      throw error;
    }
  }

  /** TypeORM updates by key alone: the row is locked, and must have the files that the row object had. */
  async #expect(manager: EntityManager, row: object, { expect }: RowChanges): Promise<void> {
    const [selected] = this.#byKey(row);
    const [found] = selected ? await this.#locked(manager, selected) : [];
    if (!found || Object.entries(expect).every(([column, value]) => found[column] === value)) return;
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
    if (assigned.length === 0) return this.#transactions.run(() => update(manager));
    const rows = await manager.find(target, { ...(where && { where }), loadEagerRelations: false });
    const [first] = rows;
    try {
      for (const row of rows) {
        const copied = Object.fromEntries(assigned.map(name => [name, first?.[name].stored]));
        Object.assign(row, row === first ? values : { ...values, ...copied });
        if (row === first) await upload(row);
      }
      await manager.save(target, rows);
    } catch (error) {
      for (const row of rows) await rowChanges(row).failed();
      throw error;
    }
    return Object.assign(new UpdateResult(), { raw: [], affected: rows.length, generatedMaps: [] });
  }

  /** Deletes rows, and their objects after the commit. */
  async #remove(manager: EntityManager, selected: readonly Selected[], remove: Write): Promise<unknown> {
    const withFiles = selected.filter(({ target }) => this.#registry.ofTarget(target).length > 0);
    if (withFiles.length === 0) return this.#transactions.run(() => remove(manager));
    return this.#atomically(manager, async inner => {
      const removals: RowRemoval[] = [];
      for (const one of withFiles) {
        const fields = this.#registry.ofTarget(one.target).map(({ field }) => field);
        removals.push(rowRemoval(fields, await this.#locked(inner, one)));
      }
      const result = await remove(inner);
      const runner = opened(inner.queryRunner);
      for (const removal of removals) await removal.take(sqlExecutor(runner));
      for (const removal of removals) await removal.written(this.#transactions.scope(runner));
      return result;
    });
  }

  /** Keys and files as the database has them, which nobody else changes before the transaction ends. */
  async #locked(manager: EntityManager, { target, where }: Selected): Promise<ObjectLiteral[]> {
    const metadata = this.#registry.dataSource.getMetadata(target);
    const files = this.#registry.ofTarget(target).map(({ field }) => field);
    const names = [
      ...metadata.primaryColumns.map(column => column.propertyName),
      ...files.map(({ name }) => name),
    ];
    const rows = await manager.find(target, {
      select: Object.fromEntries(names.map(name => [name, true])),
      ...(where && { where }),
      withDeleted: true,
      loadEagerRelations: false,
      // SQLite has no locks of rows, and no others on its connection.
      ...(!this.#transactions.sharesConnection && { lock: { mode: 'pessimistic_write' } }),
    });
    return rows.map(row => {
      const columns: ObjectLiteral = { ...keyOf(metadata, row) };
      for (const { name } of files) columns[name] = columnValue(row[name]);
      return columns;
    });
  }

  #atomically(manager: EntityManager, work: Write): Promise<unknown> {
    if (!manager.queryRunner?.isTransactionActive) return manager.transaction(work);
    return this.#transactions.run(() => work(manager));
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
    const key = keyOf(this.#registry.dataSource.getMetadata(target), row);
    return key ? [{ target, where: [key] }] : [];
  }
}

/** Rows of an entity; all where no condition is given. */
interface Selected {
  readonly target: Target;
  readonly where?: FindOptionsWhere<ObjectLiteral>[];
}
