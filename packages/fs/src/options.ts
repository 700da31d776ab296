import { resolve } from 'node:path';
import { FieldFileError, type StorageOptions } from '@fieldfile/storage';
import {
  checkOwnUrlOptions,
  knownOptions,
  OWN_URL_OPTIONS,
  type OwnUrlOptions,
  STORAGE_OPTIONS,
} from '@fieldfile/storage/backend';

/**
 * What survives what. `'full'`: an acknowledged write survives a power cut; contents, every folder made for them and
 * the names are fsynced. `'process-crash'`: it survives the death of the process, not of the machine; several times
 * faster on disks that really flush. Contents are whole either way.
 */
export type Durability = 'full' | 'process-crash';

/** What a local-disk storage can be told. */
export interface FileSystemStorageOptions extends StorageOptions, OwnUrlOptions {
  /** The folder of the objects. A relative path is resolved when the storage is constructed; made by the first write. */
  readonly root: string;
  /** Mode of every object, exactly, whatever the umask. Default: `0o644`. */
  readonly filePermissionsMode?: number;
  /** Mode of every folder made, exactly. Default: `0o777` less the umask. */
  readonly directoryPermissionsMode?: number;
  /** Default: `'full'`. */
  readonly durability?: Durability;
}

const OPTIONS: readonly string[] = [
  ...STORAGE_OPTIONS,
  ...OWN_URL_OPTIONS,
  'root',
  'filePermissionsMode',
  'directoryPermissionsMode',
  'durability',
];

/** @throws `invalid-argument`, naming the option and the fix. */
export function checkOptions(options: FileSystemStorageOptions): FileSystemStorageOptions {
  knownOptions(options, OPTIONS, { what: 'FileSystemStorage', operation: 'construct' });
  const { root, durability } = options;
  if (typeof root !== 'string' || root === '' || root.includes('\0'))
    refuse('root', root, 'give the path of a folder, such as "./media"');
  if (durability !== undefined && durability !== 'full' && durability !== 'process-crash')
    refuse('durability', durability, "give 'full' or 'process-crash'");
  checkMode('filePermissionsMode', options.filePermissionsMode);
  checkMode('directoryPermissionsMode', options.directoryPermissionsMode);
  checkOwnUrlOptions(options, 'FileSystemStorage');
  return { ...options, root: resolve(root) };
}

function checkMode(option: string, mode: unknown): void {
  if (mode === undefined) return;
  if (typeof mode !== 'number' || !Number.isInteger(mode) || mode < 0 || mode > 0o7777)
    refuse(option, mode, 'give a number such as 0o640, not text');
}

function refuse(option: string, value: unknown, fix: string): never {
  throw new FieldFileError(
    'invalid-argument',
    `FileSystemStorage cannot use ${option} ${typeof value === 'string' ? JSON.stringify(value) : String(value)}: ${fix}.`,
    { operation: 'construct' },
  );
}
