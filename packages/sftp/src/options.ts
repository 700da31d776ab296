import { posix } from 'node:path';
import { FieldFileError, type StorageOptions } from '@fieldfile/storage';
import { knownOptions, STORAGE_OPTIONS } from '@fieldfile/storage/backend';
import type { ConnectConfig } from 'ssh2';

/** What an SFTP storage can be told. */
export interface SftpStorageOptions extends StorageOptions {
  /** How to log in, as `connect` of `ssh2` takes it: `host`, `port`, `username`, and `privateKey`, `agent` or `password`. */
  readonly connection: Omit<ConnectConfig, 'sock' | 'hostHash' | 'hostVerifier'>;
  /** The server's key, as `ssh-keygen -l` shows it: `SHA256:…`. Several: while a server gets a new one. */
  readonly hostKey: string | readonly string[];
  /** The folder of the objects, from `/` on and through no link. It must be there. */
  readonly root: string;
  /** Within which the server has to answer a request. Default: 30. */
  readonly timeoutSeconds?: number;
  /** Mode of every object, exactly. Default: `0o644`. */
  readonly filePermissionsMode?: number;
}

const OWN = ['connection', 'hostKey', 'root', 'timeoutSeconds', 'filePermissionsMode'];

/** With every default filled in. */
export interface CheckedOptions extends Required<Omit<SftpStorageOptions, keyof StorageOptions>> {
  readonly hostKey: readonly string[];
}

/** @throws `invalid-argument`, naming the option and the fix. Values are not shown: some are secrets. */
export function checkOptions(options: SftpStorageOptions): CheckedOptions {
  knownOptions(options, [...STORAGE_OPTIONS, ...OWN], { what: 'SftpStorage', operation: 'construct' });
  const { connection, hostKey, root, timeoutSeconds = 30, filePermissionsMode = 0o644 } = options;
  const check = (option: string, isRight: boolean, fix: string): void => {
    const message = `SftpStorage cannot use this ${option}: ${fix}.`;
    if (!isRight) throw new FieldFileError('invalid-argument', message, { operation: 'construct' });
  };
  const keys = [hostKey].flat();
  const isKey = (key: unknown): boolean => typeof key === 'string' && /^SHA256:[\w+/]{43}$/.test(key);
  const path = String(root).replace(/\/+$/, '');
  check('connection', Boolean(connection?.host && connection.username), 'give host and username');
  check(
    'hostKey',
    keys.length > 0 && keys.every(isKey),
    'give what "ssh-keyscan HOST | ssh-keygen -lf -" shows',
  );
  check(
    'root',
    root !== '' && posix.resolve('/', path) === (path || '/'),
    'give a path such as "/srv/media"',
  );
  check('timeoutSeconds', timeoutSeconds > 0 && timeoutSeconds < 86_400, 'give a number of seconds');
  check(
    'filePermissionsMode',
    (filePermissionsMode & 0o7777) === filePermissionsMode,
    'give a number such as 0o640',
  );
  return { connection, hostKey: keys, root: path, timeoutSeconds, filePermissionsMode };
}
