import assert from 'node:assert/strict';
import { canSignUrls } from '@fieldfile/storage';
import { recordCalls } from '../faults/record-calls.ts';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const OPTIONS = ['contentType', 'cacheControl', 'contentDisposition'] as const;

const HALF = 'a half \ud83d of a character';

/** S6: what becomes a header is stored as it was given, or refused by the name of its option, on every service alike. */
export const headerText: readonly StorageBehaviour[] = [
  ...OPTIONS.map(
    (option): StorageBehaviour => ({
      id: `S6.header-text-${option.toLowerCase()}`,
      title: `refuses what no header has, naming the option, before the service is called (${option})`,
      async run(context) {
        const { backend, calls } = recordCalls(context.backend);
        const storage = context.around(backend);
        for (const text of ['gr\u00f6\u00dfe', '\u65e5\u672c', '\ud83d\ude00', HALF, 'a\u0080b', 'a\r\nb'])
          for (const write of ['save', 'replace'] as const) {
            const error = await rejectsWith(
              'invalid-argument',
              storage[write]('a.txt', 'one', { [option]: text }),
            );
            assert.ok(error.message.includes(option), `"${error.message}" does not name the option`);
            assert.equal(error.retryable, false);
          }
        assert.deepEqual(calls, []);
      },
    }),
  ),
  {
    id: 'S6.metadata-any-text',
    title: 'keeps metadata of any text, under any name',
    async run(context) {
      context.needs('metadata');
      const metadata = {
        constructor: 'one',
        toString: 'two',
        hasOwnProperty: 'three',
        author: 'J\u00fcrgen \u65e5\u672c \ud83d\ude00',
        'gr\u00f6\u00dfe': 'large',
        equals: '=?utf-8?b?eA==?=',
        percent: '100%',
      };
      const name = await context.storage.save('a.txt', 'one', { metadata });
      assert.deepEqual({ ...(await context.storage.info(name)).metadata }, metadata);
      const copied = await context.storage.copy(name, 'b.txt');
      assert.deepEqual({ ...(await context.storage.info(copied)).metadata }, metadata);
      await using opened = await context.storage.open(name);
      assert.deepEqual({ ...opened.info.metadata }, metadata);
    },
  },
  {
    id: 'S6.metadata-refused',
    title: 'refuses metadata that could not be read back, before the service is called',
    async run(context) {
      const { backend, calls } = recordCalls(context.backend);
      const storage = context.around(backend);
      for (const metadata of [
        JSON.parse('{"__proto__":"lost"}') as Record<string, string>,
        { key: HALF },
        { [HALF]: 'value' },
      ]) {
        const error = await rejectsWith('invalid-argument', storage.save('a.txt', 'one', { metadata }));
        assert.ok(error.message.includes('metadata'), `"${error.message}" does not name the option`);
      }
      assert.deepEqual(calls, []);
    },
  },
  {
    id: 'S9.download-text',
    title: 'signs a download under any name, and refuses half a character',
    async run({ storage }) {
      const name = await storage.save('a.txt', 'one');
      if (!canSignUrls(storage)) return;
      await storage.signedUrl(name, { expiresInSeconds: 60, download: 'gr\u00f6\u00dfe \ud83d\ude00.txt' });
      const options = { expiresInSeconds: 60, download: HALF };
      const error = await rejectsWith('invalid-argument', storage.signedUrl(name, options));
      assert.ok(error.message.includes('download'));
      await rejectsWith(
        'invalid-argument',
        storage.signedUrl(name, { expiresInSeconds: 60, contentType: 'text/gr\u00f6\u00dfe' }),
      );
    },
  },
];
