import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { storageContract } from '@fieldfile/conformance/storage';
import { storageLoad } from '@fieldfile/test-servers/load';
import { type SshServer, sshdMissing, startSshd } from '@fieldfile/test-servers/sshd';
import { afterAll, describe, test } from 'vitest';
import { SftpStorage } from './storage.ts';

const missing = sshdMissing();
let started: Promise<SshServer> | undefined;

afterAll(async () => {
  await (await started)?.[Symbol.asyncDispose]();
});

describe.skipIf(missing)(`SFTP${missing ? ` (skipped: ${missing})` : ''}`, () => {
  storageContract({
    name: 'sftp',
    test,
    describe,
    ...storageLoad,
    lacks: {
      metadata: 'a file has none, and a second one beside it could not change together with it',
      'content-type': 'as for metadata: the type is what the name says',
      'object-below-object': 'a name is a file or a folder',
    },
    async create() {
      started ??= startSshd();
      const server = await started;
      const root = server.makeFolder();
      const { host, port, username, privateKey, stranger } = server;
      const storages: SftpStorage[] = [];
      const open = (as: string = username): SftpStorage => {
        const connection = { host, port, username: as, privateKey };
        const storage = new SftpStorage({ connection, hostKey: server.fingerprint, root });
        storages.push(storage);
        return storage;
      };
      const internal = join(root, '.fieldfile');
      return {
        storage: open(),
        residue: async () => (existsSync(internal) ? readdirSync(internal) : []),
        sockets: async () => server.openFiles(root).length,
        reopen: async () => open(),
        ...(stranger === undefined ? {} : { forbidden: async () => open(stranger) }),
        dispose: async () => {
          for (const storage of storages) await storage[Symbol.asyncDispose]();
          rmSync(root, { recursive: true, force: true });
        },
      };
    },
    secrets: ['PRIVATE KEY'],
  });
});
