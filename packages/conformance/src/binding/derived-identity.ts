import assert from 'node:assert/strict';
import { deriving } from '@fieldfile/core/derived';
import type { BindingBehaviour } from './context.ts';

/** I2: what is derived is told apart by the bytes it is made of, and a row's digest is that of the file it has now. */
export const derivedIdentity: readonly BindingBehaviour[] = [
  {
    id: 'I2.derived-of-name',
    title: 'a handle of a file that its row has no more is not given the digest of the newer file',
    field: { columns: { digest: 'payload' as 'id' }, derived: { kinds: {} } },
    async run(context) {
      const { id } = await context.document('a.txt');
      const old = context.file(await context.find(id));
      const before = await deriving(old).look();
      await context.file(await context.find(id)).save('other bytes', { name: 'b.txt' });
      const current = deriving(context.file(await context.find(id)));
      const newer = await current.look();
      assert.equal(newer.identity, (await current.identify()).identity);
      assert.notEqual(newer.identity, before.identity);
      await context.storage.create('a.txt', 'content of nobody', { onTaken: 'fail' });
      const stale = await deriving(old).look();
      assert.notEqual(stale.identity, newer.identity, 'the digest of b.txt was taken for that of a.txt');
      await context.storage.delete('a.txt');
      await context.agrees();
    },
  },
];
