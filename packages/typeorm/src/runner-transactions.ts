import { AsyncLocalStorage } from 'node:async_hooks';
import { FileScope, type ScopeOutcome, wasRefused } from '@fieldfile/core/binding';
import type { DataSource, EntitySubscriberInterface, QueryRunner } from 'typeorm';

/** A call of an entity manager. */
interface Call {
  /** The transaction's. */
  readonly runner?: QueryRunner;
  /** TypeORM is writing rows that we have looked at. */
  readonly writing?: boolean;
  readonly state: {
    open: boolean;
    /** What its transactions leave to do. */
    readonly endings: (() => Promise<void>)[];
  };
}

/** The transactions of a data source: one scope for each, and for each savepoint, on its query runner. */
export class RunnerTransactions {
  readonly #dataSource: DataSource;
  readonly #scopes = new WeakMap<QueryRunner, FileScope[]>();
  readonly #calls = new AsyncLocalStorage<Call>();
  /** Settles when the call that has the only connection has ended. */
  #turn: Promise<unknown> = Promise.resolve();
  #shares: boolean | undefined;

  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource;
  }

  /** Of the transaction that this is called in. */
  get runner(): QueryRunner | undefined {
    const call = this.#call;
    return call?.runner?.isTransactionActive ? call.runner : undefined;
  }

  get writing(): boolean {
    return this.#call?.writing ?? false;
  }

  scope(runner: QueryRunner | undefined): FileScope | undefined {
    return runner && this.#scopes.get(runner)?.at(-1);
  }

  /**
   * Runs a call of an entity manager; its files end when it has given its connection back, since they may need one. On
   * SQLite, where all have one connection, calls wait for each other: TypeORM would put one's statements into the
   * other's transaction.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const outer = this.#call;
    const state: Call['state'] = { open: true, endings: [] };
    const call: Call = { ...(outer?.runner && { runner: outer.runner }), state };
    const begin = async (): Promise<T> => {
      try {
        return await this.#calls.run(call, work);
      } finally {
        state.open = false;
      }
    };
    try {
      return await (outer || !this.sharesConnection ? begin() : this.#inTurn(begin));
    } finally {
      for (const end of state.endings) await end();
    }
  }

  /** Runs the work of a transaction. */
  within<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
    return this.#with({ runner }, work);
  }

  /** Lets TypeORM write files: what it writes was stored, and is looked after. */
  write<T>(work: () => Promise<T>): Promise<T> {
    return this.#with({ writing: true }, work);
  }

  readonly subscriber: EntitySubscriberInterface = {
    afterTransactionStart: ({ queryRunner }) => {
      const scopes = this.#scopes.get(queryRunner) ?? [];
      this.#scopes.set(queryRunner, scopes);
      scopes.push(new FileScope(scopes.at(-1)));
    },
    beforeTransactionCommit: ({ queryRunner }) => {
      this.scope(queryRunner)?.throwIfRefused();
    },
    afterTransactionCommit: ({ queryRunner }) => {
      this.#end(this.#scopes.get(queryRunner)?.pop(), 'committed');
    },
    afterTransactionRollback: ({ queryRunner }) => {
      this.#end(this.#scopes.get(queryRunner)?.pop(), 'rolled-back');
    },
    afterQuery: ({ queryRunner, query, success, error, rawResults }) => {
      if (query !== 'COMMIT') return;
      const scope = this.scope(queryRunner);
      if (!success) {
        if (!wasRefused(error)) this.#end(scope, 'unknown');
      } else if (rawResults?.command === 'ROLLBACK') this.#end(scope, 'rolled-back'); // PostgreSQL, after a statement that failed
    },
  };

  get #call(): Call | undefined {
    const call = this.#calls.getStore();
    return call?.state.open ? call : undefined;
  }

  /** SQLite's drivers have one query runner for all. */
  get sharesConnection(): boolean {
    if (this.#shares === undefined) {
      const runner = this.#dataSource.createQueryRunner();
      this.#shares = runner === this.#dataSource.createQueryRunner();
    }
    return this.#shares;
  }

  #with<T>(change: Partial<Call>, work: () => Promise<T>): Promise<T> {
    const call = this.#call;
    return call ? this.#calls.run({ ...call, ...change }, work) : work();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  #end(scope: FileScope | undefined, outcome: ScopeOutcome): void {
    const call = this.#call;
    if (scope?.parent || !call) void scope?.end(outcome);
    else if (scope) call.state.endings.push(() => scope.end(outcome));
  }
}
