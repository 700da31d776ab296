import assert from 'node:assert/strict';
import { isFieldFileError } from '@fieldfile/core';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith, turn } from '../storage/assertions.ts';
import type { BindingBehaviour } from './context.ts';
import { statements } from './steps.ts';

/** T12: transactions that hold their connection, and saves that are under way at a COMMIT. */
export const underWay: readonly BindingBehaviour[] = [
  {
    id: 'T12.pool',
    title: 'as many transactions as the pool has connections each save a file, and all end',
    async run(context) {
      context.needs('save-in-transaction');
      const { poolSize } = context.subject;
      if (poolSize === undefined) throw new Skip('all transactions share one connection');
      const ids: number[] = [];
      while (ids.length < poolSize) ids.push((await context.document('old.txt')).id);
      const all = Promise.withResolvers<void>();
      let holding = 0;
      const transactions = ids.map(id =>
        context.subject.transaction(async rows => {
          const handle = context.file(await context.find(id, rows));
          if (++holding === poolSize) all.resolve();
          await context.soon(all.promise, 'the last transaction');
          await handle.save(`new ${id}`, { name: 'new.txt' });
        }),
      );
      await context.soon(Promise.all(transactions), 'the transactions');
      for (const id of ids) await context.storedText(id, `new ${id}`);
    },
  },
  {
    id: 'T12.own-connection',
    title:
      "a binding is not made with a journal on its rows' own connections, and the error says how to make one",
    async run(context) {
      context.needs('journal');
      const { shareConnections } = context.subject;
      if (!shareConnections) throw new Skip('the journal cannot be on the connections of the rows');
      const make = async (): Promise<unknown> => shareConnections.call(context.subject);
      const error = await rejectsWith('invalid-argument', make, 'making the binding');
      assert.match(error.message, /pool|connection/);
    },
  },
  {
    id: 'T12.in-time',
    title: 'a save whose statement is under way when the transaction commits is wholly in or wholly out',
    async run(context) {
      context.needs('save-in-transaction');
      for (let later = 0; later < 8; later++) {
        const { id } = await context.document('old.txt');
        const creates = (): number => context.calls.filter(({ operation }) => operation === 'create').length;
        let saving: Promise<unknown> = Promise.resolve();
        const transaction = context.subject.transaction(async rows => {
          const handle = context.file(await context.find(id, rows));
          const before = creates();
          let settled = false;
          saving = handle.save('in time', { name: 'new.txt' }).finally(() => {
            settled = true;
          });
          saving.catch(() => {}); // looked at when the transaction has ended
          while (!settled && creates() === before) await turn();
          await statements(context, later);
        });
        await context.soon(transaction, 'the transaction');
        const [outcome] = await Promise.allSettled([context.soon(saving, 'the save')]);
        if (outcome?.status === 'rejected' && !isFieldFileError(outcome.reason, 'transaction-ended'))
          throw outcome.reason;
        await context.storedText(id, outcome?.status === 'fulfilled' ? 'in time' : 'content of old.txt');
        await context.agrees();
        assert.equal(context.file(await context.find(id)).name, await context.storedName(id));
      }
    },
  },
];
