import { expect, test } from 'vitest';
import type { ObjectName } from '../names/object-name.ts';
import type { ListedObject, ListPage } from './backend.ts';
import { eachObject } from './each-object.ts';

function source(...pages: readonly (readonly string[] | Error)[]): {
  readonly pages: AsyncGenerator<ListPage, void, undefined>;
  readonly log: string[];
} {
  const log: string[] = [];
  return {
    log,
    pages: (async function* () {
      try {
        for (const page of pages) {
          if (page instanceof Error) throw page;
          log.push(`page of ${page.length}`);
          yield { objects: page.map(key => ({ name: key as ObjectName })), folders: [] };
        }
      } finally {
        log.push('ended');
      }
    })(),
  };
}

test('objects come in order, across pages and empty ones', async () => {
  const { pages } = source(['a', 'b'], [], ['c']);
  const listed: string[] = [];
  for await (const { name } of eachObject(pages)) listed.push(name);
  expect(listed).toEqual(['a', 'b', 'c']);
});

test('a page is asked for only when the one before is used up', async () => {
  const { pages, log } = source(['a', 'b'], ['c']);
  const objects = eachObject(pages);
  expect(log).toEqual([]);
  await objects.next();
  await objects.next();
  expect(log).toEqual(['page of 2']);
  await objects.next();
  expect(log).toEqual(['page of 2', 'page of 1']);
});

test('leaving early ends the pages, and the objects', async () => {
  const { pages, log } = source(['a', 'b'], ['c']);
  const objects = eachObject(pages);
  for await (const _ of objects) break;
  expect(log).toEqual(['page of 2', 'ended']);
  expect(await objects.next()).toEqual({ done: true, value: undefined });
});

test('disposing of it ends the pages', async () => {
  const { pages, log } = source(['a', 'b']);
  {
    await using objects = eachObject(pages);
    await objects.next();
  }
  expect(log).toEqual(['page of 2', 'ended']);
});

test('a page that fails is told to whoever asks for its first object', async () => {
  const { pages } = source(['a'], new Error('unplugged'));
  const objects = eachObject(pages);
  await objects.next();
  await expect(objects.next()).rejects.toThrow('unplugged');
  expect(await objects.next()).toEqual({ done: true, value: undefined });
});

test('who asks for several at once gets each object once', async () => {
  const { pages } = source(['a'], ['b', 'c'], ['d']);
  const objects = eachObject(pages);
  const results = await Promise.all(Array.from({ length: 6 }, () => objects.next()));
  expect(results.map(({ value }) => (value as ListedObject | undefined)?.name)).toEqual([
    'a',
    'b',
    'c',
    'd',
    undefined,
    undefined,
  ]);
});
