import { rejection } from '../storage/assertions.ts';
import type { BindingBehaviour } from './context.ts';
import { caught, endTransaction, everyRowHasItsFile, later, removeOrphans } from './ended-by-database.ts';
import { Abandoned, replace } from './steps.ts';

/**
 * T8: whoever loses the connection cannot ask whether the database had ended the transaction before. What was sent in
 * between may be written, so no object is touched, and recovery asks the rows.
 */
export const lostConnections: readonly BindingBehaviour[] = [true, false].flatMap(journaled =>
  (['committed', 'rolled back'] as const).map((end): BindingBehaviour => {
    const suffix = `${end.replace(' ', '-')}${journaled ? '' : '-unjournaled'}`;
    return {
      id: `T8.lost-connection-${suffix}`,
      title: `a transaction whose connection is lost after the database ended it is not taken for ${end}${journaled ? '' : ', without a journal'}`,
      journaled,
      async run(context) {
        context.needs('ended-by-failure', 'lost-connection');
        const [one, two, three] = [
          await context.document('one.txt'),
          await context.document('two.txt'),
          await context.document('three.txt'),
        ];
        const transaction = context.subject.transaction(async rows => {
          await replace(context, rows, await context.find(one.id, rows), 'before');
          await caught(endTransaction(context, rows, 'failing'));
          await caught(later(context, rows, two.id, three.id));
          await endTransaction(context, rows, 'connection');
          if (end === 'rolled back') throw new Abandoned();
        });
        await rejection(transaction, 'the transaction');
        await context.recover();
        await everyRowHasItsFile(context);
        if (!journaled) await removeOrphans(context);
      },
    };
  }),
);
