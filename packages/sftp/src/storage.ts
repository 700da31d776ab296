import { Storage, type Wrapped } from '@fieldfile/storage';
import { answering, FilesBackend } from '@fieldfile/storage/backend';
import { toFieldFileError } from './errors.ts';
import { checkOptions, type SftpStorageOptions } from './options.ts';
import { SftpServer } from './server.ts';

/**
 * Objects as plain files in a folder of an SFTP server: whole or absent at any moment, and never overwritten unasked.
 * It connects when it is first used, and again when the connection was lost.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { SftpStorage } from '@fieldfile/sftp';
 *
 * const storage = new SftpStorage({
 *   connection: { host: 'files.example.com', username: 'media', privateKey: readFileSync('/run/secrets/media') },
 *   hostKey: 'SHA256:uNiVztksCsDhcc0u9e8BrwVVsvxqWaL0PRcVWeAPzRc',
 *   root: '/srv/media',
 * });
 * ```
 */
export class SftpStorage extends Storage<Wrapped<FilesBackend>> {
  /** @throws `invalid-argument`, naming the option and the fix. */
  constructor(options: SftpStorageOptions) {
    super(answering(filesOf(options), toFieldFileError), options);
  }
}

function filesOf(options: SftpStorageOptions): FilesBackend {
  const checked = checkOptions(options);
  const { connection, root, timeoutSeconds } = checked;
  const space = `sftp:${connection.username}@${connection.host?.toLowerCase()}:${connection.port ?? 22}`;
  const id = options.id ?? `${space}${root || '/'}`;
  const place = { id, space, path: root.slice(1) };
  return new FilesBackend(new SftpServer(checked), { id, place, root, claimTimeoutSeconds: timeoutSeconds });
}
