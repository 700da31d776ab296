import { newWriteId } from '@fieldfile/storage/backend';
import { expect, test } from 'vitest';
import { PartFiles } from './part-files.ts';

test('a file that could not be made is told to those who took a place in it, and to nobody after', async () => {
  const files = new PartFiles();
  const writeId = newWriteId();
  const full = (): Promise<void> => Promise.reject(new Error('the disk is full'));
  const [one, two] = [files.take(writeId, 0, 10, full), files.take(writeId, 10, 10, full)];
  expect(two.file).toBe(one.file);
  await expect(one.file.made).rejects.toThrow('the disk is full');
  for (const { file, range } of [one, two]) files.done(file, range, undefined);
  const again = files.take(writeId, 0, 10, async () => {});
  expect(again.file).not.toBe(one.file);
  await again.file.made;
  expect(files.take(writeId, 10, 10, full).file).toBe(again.file);
});
