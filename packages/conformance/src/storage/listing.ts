import assert from 'node:assert/strict';
import type { ListPage } from '@fieldfile/storage/backend';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { gatedStream } from '../content/streams.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';
import { compare, inOrder, sameListing } from './list-order.ts';

/** Names whose order tells one way of sorting from another, and whose folders begin alike. */
const NAMES = [
  'a',
  'a b',
  'a-b',
  'a-b/x',
  'a.txt',
  'a/0',
  'a/b',
  'a/b.txt',
  'a/b/c',
  'a/b/d/e',
  'a0',
  'a00',
  'ab/c',
  'B',
  'z',
  'é',
  'z/\u{1f600}',
  'z/\ufffd',
  '\u{1f600}',
  '\ufffd',
  '\uff5e',
];

/** S8: listings are complete, in the declared order, page by page. */
export const listing: readonly StorageBehaviour[] = [
  {
    id: 'S8.order',
    title: 'lists everything once in the declared order, whatever the size of a page',
    async run(context) {
      const expected = inOrder(context, await saveAll(context, NAMES));
      for (const pageSize of [1, 2, 3, 7, NAMES.length, 1000]) {
        const listed: string[] = [];
        for await (const { name } of context.storage.list('', { pageSize })) listed.push(name);
        sameListing(context, listed, expected, `in pages of ${pageSize}`);
      }
    },
  },
  {
    id: 'S8.after',
    title: 'goes on after any name, also one that is not there',
    async run(context) {
      const saved = inOrder(context, await saveAll(context, NAMES));
      if (context.backend.listOrder === 'none') return;
      for (const [index, after] of saved.entries()) {
        const listed: string[] = [];
        for await (const { name } of context.storage.list('', { after, pageSize: 4 })) listed.push(name);
        sameListing(context, listed, saved.slice(index + 1), `after ${JSON.stringify(after)}`);
      }
      if (context.backend.listOrder === 'preorder') return;
      for (const after of ['a/', 'a/b!', 'm', 'a/b/', '\u{10ffff}']) {
        const listed: string[] = [];
        for await (const { name } of context.storage.list('', { after })) listed.push(name);
        const expected = saved.filter(name => compare(context, name, after) > 0);
        sameListing(context, listed, expected, `after ${JSON.stringify(after)}`);
      }
    },
  },
  {
    id: 'S8.prefix',
    title: 'lists what begins with a text, folder or not',
    async run(context) {
      const saved = inOrder(context, await saveAll(context, NAMES));
      for (const prefix of ['a', 'a/', 'a/b', 'a/b/', 'a-', 'z/', 'none', 'a/b/d/e', '\u{1f600}']) {
        const expected = saved.filter(name => name.startsWith(prefix));
        for (const pageSize of [1, 3, 1000]) {
          const listed: string[] = [];
          for await (const { name } of context.storage.list(prefix, { pageSize })) listed.push(name);
          sameListing(context, listed, expected, `under ${JSON.stringify(prefix)}`);
        }
      }
    },
  },
  {
    id: 'S8.prefix-after',
    title: 'goes on after a name within a prefix, and before and behind it',
    async run(context) {
      const saved = inOrder(context, await saveAll(context, NAMES)).filter(name => name.startsWith('a/'));
      if (['none', 'preorder'].includes(context.backend.listOrder)) return;
      for (const after of ['a', 'a/0', 'a/b', 'a/b/c', 'z']) {
        const listed: string[] = [];
        for await (const { name } of context.storage.list('a/', { after, pageSize: 2 })) listed.push(name);
        sameListing(
          context,
          listed,
          saved.filter(name => compare(context, name, after) > 0),
          `after ${after}`,
        );
      }
    },
  },
  {
    id: 'S8.one-level',
    title: 'lists one level with its folders, each once, page by page',
    async run(context) {
      const saved = await saveAll(context, NAMES);
      for (const prefix of ['', 'a/', 'a/b/', 'z/']) {
        const rest = saved.filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length));
        const objects = rest.filter(name => !name.includes('/'));
        const folders = new Set(
          rest.filter(name => name.includes('/')).map(name => `${name.split('/')[0]}/`),
        );
        for (const pageSize of [1, 2, 1000]) {
          const pages: ListPage[] = [];
          for await (const page of context.backend.list({ prefix, delimiter: '/', pageSize }))
            pages.push(page);
          const listed = pages.flatMap(page => page.objects.map(({ name }) => name.slice(prefix.length)));
          const found = pages.flatMap(page => page.folders.map(folder => folder.slice(prefix.length)));
          assert.deepEqual(listed.sort(), [...objects].sort());
          assert.deepEqual(found.sort(), [...folders].sort());
          for (const page of pages)
            assert.ok(
              page.objects.length + page.folders.length <= pageSize,
              'a page is larger than asked for',
            );
        }
      }
    },
  },
  {
    id: 'S8.listdir',
    title: "lists a folder as Django's listdir does",
    async run(context) {
      assert.deepEqual(await context.storage.listdir(), { folders: [], files: [] });
      await saveAll(context, ['a.txt', 'dir/b.txt', 'dir/sub/c.txt', 'dir2/d.txt']);
      const sorted = async (path?: string): Promise<unknown> => {
        const { folders, files } = await context.storage.listdir(path);
        return { folders: [...folders].sort(), files: [...files].sort() };
      };
      assert.deepEqual(await sorted(), { folders: ['dir', 'dir2'], files: ['a.txt'] });
      assert.deepEqual(await sorted('dir'), { folders: ['sub'], files: ['b.txt'] });
      assert.deepEqual(await sorted('./dir/./sub/'), { folders: [], files: ['c.txt'] });
      assert.deepEqual(await sorted('absent'), { folders: [], files: [] });
    },
  },
  {
    id: 'S8.details',
    title: 'fills size, version and time when details are asked for',
    async run(context) {
      for (const [index, name] of ['a', 'b/c', 'd'].entries())
        await context.storage.save(name, 'x'.repeat(index));
      for await (const listed of context.storage.list('', { details: true, pageSize: 2 })) {
        const info = await context.storage.info(listed.name);
        assert.equal(listed.sizeBytes, info.sizeBytes);
        assert.equal(listed.version, info.version);
        assert.equal(listed.lastModified?.getTime(), info.lastModified.getTime());
      }
    },
  },
  {
    id: 'S8.deleted',
    title: 'no longer lists what was deleted, nor its empty folder',
    async run(context) {
      await saveAll(context, ['a/b/c.txt', 'd.txt']);
      await context.storage.delete('a/b/c.txt');
      await context.holds(['d.txt']);
      assert.deepEqual(await context.storage.listdir(), { folders: [], files: ['d.txt'] });
    },
  },
  {
    id: 'S8.no-temporaries',
    title: 'lists no object that is being written, and nothing the backend keeps beside it',
    async run(context) {
      context.needs('hidden-while-written');
      await context.storage.save('old.bin', 'old');
      for (const name of ['new.bin', 'old.bin']) {
        const slow = gatedStream(patternBytes(1, 100_000));
        const writing: Promise<unknown> =
          name === 'old.bin' ? context.storage.replace(name, slow) : context.storage.save(name, slow);
        await context.soon(Promise.race([slow.halfWay, writing]), 'the write');
        await context.holds(['old.bin']);
        assert.deepEqual(await context.storage.listdir(), { folders: [], files: ['old.bin'] });
        assert.equal(await context.storage.exists('new.bin'), false);
        slow.open();
        await writing;
        await context.storage.delete('new.bin');
      }
      const write = await context.storage.create('unsettled.bin', 'new');
      await context.holds(['old.bin', 'unsettled.bin']);
      await context.storage.settle(write.name, write.writeId);
    },
  },
  {
    id: 'S8.while-writing',
    title: 'lists what is there all the time once and in order while other objects come and go',
    async run(context) {
      const steady = inOrder(
        context,
        await saveAll(
          context,
          NAMES.map(name => `steady/${name}`),
        ),
      );
      const listed: string[] = [];
      let count = 0;
      for await (const { name } of context.storage.list('', { pageSize: 2 })) {
        listed.push(name);
        const passing = `passing/${count}`;
        const last = `steady/a/passing-${count++}`;
        await context.storage.save(passing, 'x');
        await context.storage.save(last, patternStream(1, 1000));
        await context.storage.delete(passing);
        if (count % 2) await context.storage.delete(last);
        assert.ok(count < 10 * NAMES.length, 'the listing never ends');
      }
      sameListing(
        context,
        listed.filter(name => !name.includes('passing')),
        steady,
        'while others come and go',
      );
      assert.equal(new Set(listed).size, listed.length, 'an object was listed twice');
    },
  },
  {
    id: 'S8.abandoned',
    title: 'frees what it holds when a listing is abandoned',
    async run(context) {
      await saveAll(context, NAMES);
      for (let round = 0; round < 20; round++)
        for await (const _ of context.storage.list('', { pageSize: 1 })) break;
      await context.nothingLeft();
    },
  },
];

async function saveAll(context: StorageContext, names: readonly string[]): Promise<string[]> {
  const below = context.settings.lacks['object-below-object'] !== undefined;
  // Where an object and a folder cannot share a name, the folder stays.
  const kept = below ? names.filter(name => !names.some(other => other.startsWith(`${name}/`))) : [...names];
  for (const name of kept) await context.storage.save(name, name);
  return kept;
}
