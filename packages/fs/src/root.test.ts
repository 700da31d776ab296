import { rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { refusingDisk } from '../test/refusing-disk.ts';
import { temporaryRoot } from '../test/temporary-root.ts';
import { Root } from './root.ts';

test('a folder that was removed and made again while its name was made durable is made durable, too', async () => {
  const path = temporaryRoot();
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const syncing = Promise.withResolvers<void>();
  const synced = Promise.withResolvers<void>();
  const making = Promise.withResolvers<void>();
  const made = Promise.withResolvers<void>();
  const calls: string[] = [];
  const disk = refusingDisk('EIO', async method => {
    calls.push(method);
    if (method === 'sync' && calls.filter(one => one === 'sync').length === 1) {
      syncing.resolve();
      await synced.promise;
    }
    // The second one is about to open what it has made.
    if (method === 'child' && calls.filter(one => one === 'makeDirectory').length === 2) {
      making.resolve();
      await made.promise;
    }
    return false;
  });
  const root = new Root({
    ...{ path, realPath: path, disk, durability: 'full', directoryMode: undefined, createRoot: true },
  });
  const first = root.makeFolder(['a']);
  await syncing.promise;
  rmdirSync(join(path, 'a'));
  const second = root.makeFolder(['a']);
  await making.promise;
  synced.resolve();
  (await first).close();
  calls.splice(0);
  made.resolve();
  (await second).close();
  expect(calls).toContain('sync');
});
