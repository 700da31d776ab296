import { MemoryStorage } from '@fieldfile/memory';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ObjectName } from '../names/object-name.ts';
import type { ListOptions, ListPage } from '../storage/backend.ts';
import { listTree, type Tree, type TreeFolder } from './list-tree.ts';

/** A tree that has only what every tree has: no handles, no early end, and folders found from the root. */
function treeOf(names: readonly string[], maxSegments = 16): Tree & { readonly read: string[] } {
  const read: string[] = [];
  const folder = async (segments: readonly string[]): Promise<TreeFolder | undefined> => {
    const prefix = segments.map(segment => `${segment}/`).join('');
    const below = names.filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length));
    if (below.length === 0) return undefined;
    read.push(prefix);
    return {
      names: async () => [...new Set(below.map(name => name.slice(0, name.indexOf('/') + 1) || name))],
      details: async (name, whole) => ({ name: whole, sizeBytes: name.length }),
    };
  };
  return { what: 'a tree', maxSegments, isHidden: segment => segment === '.own', folder, read };
}

const segment = fc.constantFrom('a', 'a-', 'a0', 'b', 'ä', '\uffee', '\u{1f600}');
const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map(segments => segments.join('/'));

/** A name is a file or a folder. */
const nameSet = fc
  .uniqueArray(name, { maxLength: 20 })
  .map(all => all.filter(one => !all.some(other => other.startsWith(`${one}/`))));

test('gives the pages that a sorted list of whole names gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      nameSet,
      fc.record({
        prefix: fc.oneof(
          fc.constant(''),
          name,
          segment,
          name.map(one => `${one}/`),
        ),
        delimiter: fc.constantFrom('/', undefined),
        after: fc.option(name, { nil: undefined }),
        pageSize: fc.integer({ min: 1, max: 5 }),
      }),
      async (names, { prefix, delimiter, after, pageSize }) => {
        const memory = new MemoryStorage();
        for (const one of names) await memory.save(one, 'x');
        const options: ListOptions = {
          prefix,
          pageSize,
          ...(delimiter && { delimiter: '/' }),
          ...(after === undefined ? {} : { after }),
        };
        expect(await listed(listTree(treeOf(names), options))).toEqual(
          await listed(memory.backend.list(options)),
        );
      },
    ),
    { numRuns: 300 },
  );
});

async function listed(pages: AsyncIterable<ListPage>) {
  const objects: string[] = [];
  const folders: string[] = [];
  for await (const page of pages) {
    objects.push(...page.objects.map(object => object.name));
    folders.push(...page.folders);
  }
  return { objects, folders };
}

test('passes by what is its own, what no name has, and what is too deep', async () => {
  const tree = treeOf(['a/b/c', '.own/x', 'new\nline', 'z', 'z./y'], 2);
  expect(await listed(listTree(tree, { prefix: '', pageSize: 10 }))).toEqual({
    objects: ['z', 'z./y'],
    folders: [],
  });
  expect(await listed(listTree(tree, { prefix: '.own/', pageSize: 10 }))).toEqual({
    objects: [],
    folders: [],
  });
});

test('reads a folder when it is its turn, and tells details only when asked', async () => {
  const tree = treeOf(['a/1', 'b/1', 'c/1']);
  const pages = listTree(tree, { prefix: '', pageSize: 1, details: true });
  expect((await pages.next()).value).toEqual({
    objects: [{ name: 'a/1' as ObjectName, sizeBytes: 1 }],
    folders: [],
  });
  expect(tree.read).toEqual(['', 'a/']);
  await pages.return();
});
