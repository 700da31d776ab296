import assert from 'node:assert/strict';
import { adopt } from '@fieldfile/core';
import type { BindingBehaviour, BindingContext } from './context.ts';

const NAME = 'docs/x.txt';

/** How another library may have written it into a row: what it reads, it normalises. */
const SPELLINGS = ['./docs/x.txt', '/docs/x.txt', 'docs//x.txt', 'docs/./x.txt', './/docs/x.txt'];

/** T3, T14: a row that another library wrote names an object by what the storage itself refuses. */
export const oddNames: readonly BindingBehaviour[] = [true, false].flatMap(
  (journaled): readonly BindingBehaviour[] => {
    const [suffix, words] = journaled ? ['', ''] : ['-unjournaled', ', without a journal'];
    return [
      {
        id: `T14.odd-spelling${suffix}`,
        title: `an object that a row names as ./docs/x, docs//x or the like stays when the row that names docs/x is cleared${words}`,
        journaled,
        async run(context) {
          for (const spelling of SPELLINGS) {
            const { row, odd } = await namedTwice(context, spelling);
            await context.file(row).delete();
            await context.recover();
            assert.ok(await context.storage.exists(NAME), `${spelling} names nothing any more`);
            await context.other.update(odd.id, { avatar: null });
          }
          await context.storage.delete(NAME);
        },
      },
      {
        id: `T14.odd-spelling-removed${suffix}`,
        title: `an object that a row names oddly stays when the row that names it is removed, and goes when no other row is left${words}`,
        journaled,
        async run(context) {
          const { row, odd } = await namedTwice(context, './docs/x.txt');
          await context.subject.remove(row);
          assert.ok(await context.storage.exists(NAME), 'the row that names it oddly was not asked');
          await context.other.update(odd.id, { avatar: null });
          const last = await named(context);
          await context.subject.remove(last);
          assert.equal(await context.storage.exists(NAME), false, 'nobody names it any more');
        },
      },
    ];
  },
);

/** A row that names the object, beside another one that spells it otherwise. */
async function namedTwice(context: BindingContext, spelling: string) {
  if (!(await context.storage.exists(NAME))) await context.storage.save(NAME, 'content');
  const odd = await context.document();
  await context.other.update(odd.id, { avatar: spelling });
  return { odd, row: await named(context) };
}

async function named(context: BindingContext) {
  const row = await context.find((await context.document()).id);
  context.subject.assign(row, adopt(NAME));
  await context.subject.save(row, {});
  return context.find(row.id);
}
