import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storageContract } from '@fieldfile/conformance/storage';
import { Storage } from '@fieldfile/storage';
import { storageLoad } from '@fieldfile/test-servers/load';
import { serveSigned } from '@fieldfile/test-servers/serve-signed';
import { describe, test } from 'vitest';
import { refusingDisk } from '../test/refusing-disk.ts';
import { folderBeside, SimulatedDisk, writeTree } from '../test/simulated-disk.ts';
import { FileSystemBackend } from './backend.ts';
import type { Disk } from './directory.ts';
import { MARKER } from './root-marker.ts';

const SECRET = 'a secret of at least thirty-two bytes';

storageContract({
  name: 'fs',
  test,
  describe,
  ...storageLoad,
  lacks: {
    metadata: 'a file has none, and a second one beside it could not change together with it',
    'content-type': 'as for metadata: the type is what the name says',
    'object-below-object': 'a name is a file or a folder',
  },
  async create() {
    const root = await mkdtemp(join(tmpdir(), 'fieldfile-fs-'));
    const roots = [root];
    const simulated = new SimulatedDisk(root);
    const backendAt = (path: string, disk?: Disk): FileSystemBackend =>
      new FileSystemBackend({ root: path, baseUrl: '/media/', signingKey: SECRET }, disk);
    const open = (path: string, disk?: Disk): Storage => new Storage(backendAt(path, disk));
    return {
      storage: open(root, simulated.disk),
      residue: async () => {
        if (roots.length > 1) return []; // a power cut leaves what settle or undo take away
        const names = await readdir(join(root, '.fieldfile')).catch(() => []);
        return names.filter(name => name !== 'lock.db' && name !== MARKER);
      },
      sockets: () => openDescriptors(root),
      reopen: async () => open(root),
      forbidden: async () => open(root, refusingDisk('EACCES')),
      fetch: serveSigned(backendAt(root, simulated.disk)),
      crash: async () => {
        const after = folderBeside(root);
        roots.push(after);
        writeTree(simulated.survivors('synced-names'), after);
        return open(after);
      },
      dispose: async () => {
        for (const path of roots) await rm(path, { recursive: true, force: true });
      },
    };
  },
  secrets: [SECRET],
});

/** Files and folders below the root that this process has open. The lock stays open, as a connection would. */
async function openDescriptors(root: string): Promise<number> {
  const descriptors = await readdir('/proc/self/fd');
  const paths = await Promise.all(descriptors.map(name => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return paths.filter(path => path.startsWith(root) && !path.endsWith('/lock.db')).length;
}
