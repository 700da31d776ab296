import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storageContract } from '@fieldfile/conformance';
import { describe, test } from 'vitest';
import { FileSystemStorage } from './storage.ts';

storageContract({
  name: 'fs',
  test,
  describe,
  lacks: {
    metadata: 'a file has none, and a second one beside it could not change together with it',
    'content-type': 'as for metadata: the type is what the name says',
    'object-below-object': 'a name is a file or a folder',
  },
  async create() {
    const root = await mkdtemp(join(tmpdir(), 'fieldfile-fs-'));
    const open = (): FileSystemStorage =>
      new FileSystemStorage({
        root,
        baseUrl: '/media/',
        signingKey: 'a secret of at least thirty-two bytes',
      });
    return {
      storage: open(),
      residue: async () => {
        const names = await readdir(join(root, '.fieldfile')).catch(() => []);
        return names.filter(name => name !== 'lock.db');
      },
      sockets: async () => openDescriptors(root),
      reopen: async () => open(),
      dispose: () => rm(root, { recursive: true, force: true }),
    };
  },
  secrets: ['a secret of at least thirty-two bytes'],
});

/** Files and folders below the root that this process has open. The lock stays open, as a connection would. */
async function openDescriptors(root: string): Promise<number> {
  const descriptors = await readdir('/proc/self/fd');
  const paths = await Promise.all(descriptors.map(name => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return paths.filter(path => path.startsWith(root) && !path.endsWith('/lock.db')).length;
}
