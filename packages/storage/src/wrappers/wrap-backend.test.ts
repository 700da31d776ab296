import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { MemoryBackend } from '@fieldfile/memory';
import { expect, onTestFinished, test } from 'vitest';
import { isNodeStream } from '../content/node-stream.ts';
import { isReadableStream } from '../content/one-shot-source.ts';
import type { ObjectName } from '../names/object-name.ts';
import { publishesUrls, signsUrls } from '../storage/capabilities.ts';
import { Storage } from '../storage/storage.ts';
import { wrapBackend } from './wrap-backend.ts';

const name = 'a.txt' as ObjectName;

test('a wrapper has exactly the optional methods that the inner backend has', () => {
  const backend = wrapBackend(new MemoryBackend(), inner => ({ ...inner, signUpload: undefined }));
  const has = (method: string): boolean => method in backend;
  expect(['copy', 'publicUrl', 'signUrl'].map(has)).toEqual([true, true, true]);
  expect(
    ['findWrite', 'settle', 'removeMany', 'close', 'locate', 'localPath', 'signUpload'].map(has),
  ).toEqual(Array(7).fill(false));
});

test('methods are handed on bound, those of frozen backends, too', async () => {
  const memory = new MemoryBackend({ id: 'frozen' });
  const backend = wrapBackend(Object.freeze(memory), inner => ({ ...inner }));
  const { info } = backend;
  expect(await info(name)).toBeUndefined();
  const storage = new Storage(backend);
  expect(storage.id).toBe('frozen');
  await storage.save('a.txt', 'one');
  expect((await info(name))?.sizeBytes).toBe(3);
});

test('what an instance cannot do its wrapper cannot either', () => {
  const whole = wrapBackend(new MemoryBackend({ baseUrl: '/media/' }), inner => ({ ...inner }));
  expect([publishesUrls(whole), signsUrls(whole)]).toEqual([true, false]);
});

test('a method that a later version adds does not compile in a wrapper that was not told of it', () => {
  const folder = mkdtempSync(join(import.meta.dirname, '.later-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    join(folder, 'later.ts'),
    `declare module '../../storage/backend.ts' {\n  interface Backend {\n    freeze?(): Promise<void>;\n  }\n}\nexport {};\n`,
  );
  const root = join(import.meta.dirname, '../../../..');
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: { noEmit: true },
    files: ['later.ts', '../prefix.ts', '../read-only.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const told = compile(join(root, 'node_modules/typescript/bin/tsc'), folder);
  const files = ['prefix.ts', 'read-only.ts', 'wrap-backend.ts'];
  expect(files.filter(file => new RegExp(`${file}.*error.*\\n?.*freeze`).test(told))).toEqual(files);
});

function compile(tsc: string, folder: string): string {
  try {
    return execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
}

test('guards tell streams by what they can, and take anything', async () => {
  const web = new Blob(['x']).stream();
  const node = Readable.from(['x']);
  const candidates = [web, node, { getReader: 1 }, [], 'text', null, undefined];
  expect(candidates.map(isReadableStream)).toEqual([true, false, false, false, false, false, false]);
  expect(candidates.map(isNodeStream)).toEqual([false, true, false, false, false, false, false]);
  await web.cancel();
  node.destroy();
});
