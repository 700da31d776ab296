import assert from 'node:assert/strict';
import { deriving, lockOf } from '@fieldfile/core/derived';
import type { BindingBehaviour } from './context.ts';

/** I2: what somebody was making when it died is taken back, with the lock that it held. */
export const derivedRecovery: readonly BindingBehaviour[] = [
  {
    id: 'I2.derived-recovered',
    title: 'recovery takes back what was being made of a file, and its lock, renewed or not',
    field: { derived: { kinds: {} } },
    async run(context) {
      context.needs('journal');
      const { storage } = context;
      const row = await context.find((await context.document('a.txt')).id);
      const of = deriving(context.file(row));
      const content = await of.look();
      for (const renewals of [0, 1, 2]) {
        const name = of.nameOf(content.identity, `${renewals}.txt`);
        const lock = lockOf(name);
        const making = await of.begin(name);
        const ids = making.lockWriteIds;
        let { version } = (await storage.create(lock, 'held', { onTaken: 'fail', writeId: ids[0] })).info;
        for (let renewal = 1; renewal <= renewals; renewal++) {
          const writeId = renewal % 2 === 1 ? ids[1] : ids[0];
          const options = { ifMatch: version, writeId, settles: false };
          ({ version } = await storage.replace(lock, `renewed ${renewal}`, options));
          await storage.settle(lock, renewal % 2 === 1 ? ids[0] : ids[1]);
        }
        await making.store('derived', content, { contentType: 'text/plain' });
        assert.ok((await context.objects()).includes(lock), 'there is no lock');
        await making.leave(new Error('as if it had died'));
      }
      const kept = of.nameOf(content.identity, 'kept.txt');
      await of.store(kept, 'derived', content, { contentType: 'text/plain' });
      await context.recover();
      assert.deepEqual(await context.objects(), ['a.txt', kept].sort());
      await context.file(row).delete();
      await context.agrees();
    },
  },
];
