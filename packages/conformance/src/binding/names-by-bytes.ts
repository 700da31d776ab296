import assert from 'node:assert/strict';
import { sweep } from '@fieldfile/core/journal';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour } from './context.ts';
import type { FileColumn } from './options.ts';

/** Names of two objects that a database may take for one: without case, without accents, without spaces at the end. */
const TWINS = [
  ['docs/x.txt', 'docs/X.txt'],
  ['docs/resume.txt', 'docs/résumé.txt'],
  ['docs/end', 'docs/end '],
] as const;

const COLUMNS: readonly FileColumn[] = ['avatar', 'cover'];

/** T14, T9: names are compared by their bytes, whatever the columns' collations say. */
export const namesByBytes: readonly BindingBehaviour[] = COLUMNS.flatMap((column): BindingBehaviour[] => [
  {
    id: `T14.twin-${column}`,
    title: `an object goes with its row when another row's ${column} names one of which the database may think that it is the same`,
    async run(context) {
      for (const [name, twin] of TWINS) {
        for (const one of [name, twin]) await context.storage.save(one, one);
        const row = await context.find(await context.other.insert({ name, [column]: name }));
        const kept = await context.other.insert({ name: twin, [column]: twin });
        await context.file(row, column).delete();
        assert.equal(await context.storage.exists(name), false, `${name} was taken for ${twin}`);
        assert.ok(await context.storage.exists(twin), `${twin} was removed with ${name}`);
        await context.other.remove(kept);
        await context.storage.delete(twin);
      }
    },
  },
  {
    id: `T9.twin-${column}`,
    title: `handle.save of a row whose ${column} has another name meanwhile, though the database may think that it is the same, is a conflict`,
    async run(context) {
      for (const [name, twin] of TWINS) {
        for (const one of [name, twin]) await context.storage.save(one, one);
        const id = await context.other.insert({ name, [column]: name });
        const stale = context.file(await context.find(id), column);
        await context.other.update(id, { [column]: twin });
        await rejectsWith('conflict', stale.save('stale', { name: 'stale.txt' }), `over ${twin}`);
        await context.storage.delete(name); // whose row has got another one
      }
    },
  },
  {
    id: `T5.names-${column}`,
    title: `names in ${column} are paged in the order of their bytes`,
    async run(context) {
      const { fields } = context.subject;
      if (!fields) throw new Skip('open() offers no fields');
      const names = ['z', 'Z', 'a', 'A', 'ä', 'a b', 'end', 'end ', '_', '\ufb01', '\u{1d49c}'];
      for (const name of names)
        await context.other.insert({ name, [column]: await context.storage.save(name, name) });
      const findings: unknown[] = [];
      await sweep({
        storage: context.storage,
        fields,
        graceSeconds: -60, // an object may be a moment younger than the clock that is asked
        onFinding: ({ kind, name }) => findings.push([kind, name]),
      });
      assert.deepEqual(findings, []);
    },
  },
]);
