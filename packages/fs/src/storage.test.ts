import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileSystemStorage } from './storage.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fieldfile-fs-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('FileSystemStorage', () => {
  test('saves, reads, lists, replaces and deletes', async () => {
    const storage = new FileSystemStorage({ root });
    expect(await storage.save('a/b.txt', 'one')).toBe('a/b.txt');
    const second = await storage.save('a/b.txt', 'two');
    expect(second).toMatch(/^a\/b_\w{7}\.txt$/);
    expect(readFileSync(join(root, 'a/b.txt'), 'utf8')).toBe('one');
    {
      await using opened = await storage.open('a/b.txt');
      expect(await opened.text()).toBe('one');
    }
    const info = await storage.info('a/b.txt');
    expect(info).toMatchObject({ name: 'a/b.txt', sizeBytes: 3, contentType: 'text/plain' });
    await storage.replace('a/b.txt', 'three', { ifMatch: info.version });
    expect(readFileSync(join(root, 'a/b.txt'), 'utf8')).toBe('three');
    await expect(storage.replace('a/b.txt', 'four', { ifMatch: info.version })).rejects.toMatchObject({
      code: 'precondition',
    });
    expect(await Array.fromAsync(storage.list(), object => object.name)).toEqual(['a/b.txt', second]);
    await storage.delete('a/b.txt');
    expect(await storage.exists('a/b.txt')).toBe(false);
    expect(readdirSync(join(root, '.fieldfile'))).toEqual(['lock.db', 'root.id']);
    await storage[Symbol.asyncDispose]();
  });
});
