import { MemoryStorage } from '@fieldfile/memory';
import { safeJoin } from '@fieldfile/storage/names';
import { expect, test } from 'vitest';

test.each(['a/../b.txt', './b.txt', 'a/./../b.txt'])(
  'a name that Django reads as b.txt is refused, and no other object is read for it: %s',
  async name => {
    expect(safeJoin('/srv/media', name, 'posix')).toBe('/srv/media/b.txt');
    const storage = new MemoryStorage();
    await storage.save('b.txt', 'b');
    for (const act of [() => storage.open(name), () => storage.exists(name), () => storage.delete(name)])
      await expect(act()).rejects.toMatchObject({ code: 'suspicious-name' });
    expect(await storage.exists('b.txt')).toBe(true);
  },
);
