import { type ClassOf, FieldFileError } from '@fieldfile/core';
import type { AbstractSqlDriver, MikroORM, SqlEntityManager } from '@mikro-orm/sql';

/** An ORM with any SQL driver. */
export type Orm = Pick<MikroORM<AbstractSqlDriver>, 'em'>;

/** What MikroORM's connections keep to themselves. */
interface Connection {
  readonly connected: boolean;
  readonly options: object;
}

/** Whose fields the accessors of a class are. */
const owners = new WeakMap<ClassOf<object>, AttachedOrm>();

/** The ORM, which is there later than its entities. */
export class AttachedOrm {
  orm: Orm | undefined;

  /** @throws `invalid-argument` while there is none. */
  get em(): SqlEntityManager {
    if (this.orm) return this.orm.em;
    throw new FieldFileError(
      'invalid-argument',
      'These files know no ORM yet: call attach(orm) when it is initialised.',
      { operation: 'attach' },
    );
  }

  /** Takes a class for this ORM. @throws `invalid-argument` where another one has it, and is not closed. */
  claim(entity: ClassOf<object>): void {
    const owner = owners.get(entity) ?? this;
    if (owner !== this && !owner.isClosed)
      throw new FieldFileError(
        'invalid-argument',
        `${entity.name} has the files of another ORM: give each ORM a class of its own ` +
          '(they may extend one that is no entity), or close the other ORM before.',
        { operation: 'define' },
      );
    owners.set(entity, this);
  }

  /** Whether it still has a class: what another one has taken is that one's to answer for. */
  has(entity: ClassOf<object>): boolean {
    return owners.get(entity) === this;
  }

  /** Before another one is attached. @throws `invalid-argument` while this one is not closed. */
  refuseSecond(): void {
    if (!this.orm || this.isClosed) return;
    throw new FieldFileError(
      'invalid-argument',
      'These files are attached to another ORM: close it before, or give each ORM its own MikroOrmFiles and classes.',
      { operation: 'attach' },
    );
  }

  /** A connection that is closed forgets where it went. */
  get isClosed(): boolean {
    const connection = this.orm?.em.getConnection('write') as unknown as Connection | undefined;
    return connection !== undefined && !connection.connected && !('dbName' in connection.options);
  }
}
