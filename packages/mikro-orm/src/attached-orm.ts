import { FieldFileError } from '@fieldfile/core';
import type { AbstractSqlDriver, MikroORM, SqlEntityManager } from '@mikro-orm/sql';

/** An ORM with any SQL driver. */
export type Orm = Pick<MikroORM<AbstractSqlDriver>, 'em'>;

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
}
