import assert from 'node:assert/strict';
import { recordCalls } from '../faults/record-calls.ts';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

/** S6: what is kept beside the bytes. */
export const attributes: readonly StorageBehaviour[] = [
  {
    id: 'S6.metadata',
    title: 'keeps metadata, and nothing of another write',
    async run(context) {
      context.needs('metadata');
      const metadata = { author: 'someone', 'with-dash': 'two words' };
      const name = await context.storage.save('a.txt', 'one', { metadata });
      assert.deepEqual({ ...(await context.storage.info(name)).metadata }, metadata);
      await context.storage.replace(name, 'two', { metadata: { author: 'someone else' } });
      assert.deepEqual({ ...(await context.storage.info(name)).metadata }, { author: 'someone else' });
      await context.storage.replace(name, 'three');
      assert.deepEqual({ ...(await context.storage.info(name)).metadata }, {});
    },
  },
  {
    id: 'S6.content-type',
    title: 'keeps the content type',
    async run(context) {
      context.needs('content-type');
      const name = await context.storage.save('a.bin', 'one', { contentType: 'text/plain; charset=utf-8' });
      assert.equal((await context.storage.info(name)).contentType, 'text/plain; charset=utf-8');
      await context.storage.replace(name, 'two', { contentType: 'image/png' });
      await using opened = await context.storage.open(name);
      assert.equal(opened.info.contentType, 'image/png');
    },
  },
  {
    id: 'S6.control-characters',
    title: 'refuses attributes with control characters, without calling the service',
    async run(context) {
      const { backend, calls } = recordCalls(context.backend);
      const storage = context.around(backend);
      const injected = 'text/html\r\nX-Injected: 1';
      for (const options of [
        { contentType: injected },
        { cacheControl: injected },
        { contentDisposition: injected },
        { metadata: { key: injected } },
        { metadata: { [injected]: 'value' } },
      ]) {
        await rejectsWith('invalid-argument', storage.save('a.txt', 'one', options));
        await rejectsWith('invalid-argument', storage.replace('a.txt', 'one', options));
      }
      assert.deepEqual(calls, []);
    },
  },
  {
    id: 'S6.last-modified',
    title: 'says when an object last changed',
    async run(context) {
      await context.storage.save('a.txt', 'one');
      const { lastModified } = await context.storage.info('a.txt');
      await context.storage.replace('a.txt', 'two');
      const later = (await context.storage.info('a.txt')).lastModified;
      assert.ok(later.getTime() >= lastModified.getTime(), `${later} is before ${lastModified}`);
    },
  },
];
