import assert from 'node:assert/strict';
import { isFieldFileError } from '@fieldfile/core';
import { rejection } from '../storage/assertions.ts';
import type { BindingBehaviour } from './context.ts';
import { caught, endTransaction, everyRowHasItsFile, later } from './ended-by-database.ts';
import { agreesSoon } from './reloaded.ts';
import { replace } from './steps.ts';

/** T8: whoever commits or rolls back by a call is told as well that the database had ended the transaction before. */
export const endedByHand: readonly BindingBehaviour[] = [
  ...(['failing', 'silently'] as const).flatMap(how =>
    (['commit', 'rollback'] as const).map(
      (end): BindingBehaviour => ({
        id: `T8.ended-by-hand-${end}-${how}`,
        title: `a ${end} by hand tells that the database had ended the transaction ${how === 'failing' ? 'with an error that was caught' : 'without an error'}`,
        async run(context) {
          context.needs('by-hand', how === 'failing' ? 'ended-by-failure' : 'ended-silently');
          const byHand = context.offered(context.subject.transactionByHand, 'transactionByHand');
          const [one, two, three] = [
            await context.document('one.txt'),
            await context.document('two.txt'),
            await context.document('three.txt'),
          ];
          /** The driver itself sends nothing more. */
          let isRefused = false;
          const transaction = byHand.call(
            context.subject,
            async rows => {
              await replace(context, rows, await context.find(one.id, rows), 'before');
              await caught(endTransaction(context, rows, how));
              const [found] = await Promise.allSettled([context.find(two.id, rows)]);
              isRefused = found.status === 'rejected';
              await caught(later(context, rows, two.id, three.id));
              await caught(context.find(two.id, rows)); // the last statement succeeds, where the driver sends it
            },
            end,
          );
          const error = await rejection(transaction, `the ${end}`);
          assert.ok(
            isRefused || isFieldFileError(error, 'transaction-lost'),
            `nobody was told, but: ${error}`,
          );
          await agreesSoon(context, { recovers: true }); // whoever ends it by hand need not wait for its files
          await everyRowHasItsFile(context);
        },
      }),
    ),
  ),
  {
    id: 'T8.ended-by-hand-thrown',
    title: 'a rollback by hand after the error by which the database ended the transaction is a rollback',
    async run(context) {
      context.needs('by-hand', 'ended-by-failure');
      const byHand = context.offered(context.subject.transactionByHand, 'transactionByHand');
      const { id } = await context.document('old.txt');
      const ended = byHand.call(
        context.subject,
        async rows => {
          await replace(context, rows, await context.find(id, rows), 'new');
          await caught(endTransaction(context, rows, 'failing'));
        },
        'rollback',
      );
      const error = await ended.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      assert.equal(isFieldFileError(error, 'transaction-lost'), false, 'nothing is unknown here');
      await agreesSoon(context);
      await context.storedText(id, 'content of old.txt');
    },
  },
];
