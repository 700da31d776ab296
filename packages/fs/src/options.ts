import { resolve } from 'node:path';
import { FieldFileError, type StorageOptions } from '@fieldfile/storage';
import {
  checkOwnUrlOptions,
  knownOptions,
  OWN_URL_OPTIONS,
  type OwnUrlOptions,
  STORAGE_OPTIONS,
  withoutPassword,
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
  /**
   * Whether the first write may make the root. `false`: a folder that has never been a root is refused, such as the mount
   * point of a disk that is not mounted. Default: `true`; a root that vanished is an error either way.
   */
  readonly createRoot?: boolean;
  /** Whether removing an object also removes the folders that it leaves empty. Default: `false`. */
  readonly removeEmptyFolders?: boolean;
}

const OPTIONS: readonly string[] = [
  ...STORAGE_OPTIONS,
  ...OWN_URL_OPTIONS,
  'root',
  'filePermissionsMode',
  'directoryPermissionsMode',
  'durability',
  'createRoot',
  'removeEmptyFolders',
];

/** @throws `invalid-argument`, naming the option and the fix. */
export function checkOptions(options: FileSystemStorageOptions): FileSystemStorageOptions {
  knownOptions(options, OPTIONS, { what: 'FileSystemStorage', operation: 'construct' });
  const { root, durability } = options;
  if (typeof root !== 'string' || root === '' || root.includes('\0'))
    refuse('root', root, 'give the path of a folder, such as "./media"');
  if (/^~|[\\/]~(?:[\\/]|$)|^file:/i.test(root))
    refuse(
      'root',
      root,
      'only a shell makes a home of "~", and only fileURLToPath a path of "file:"; give join(homedir(), "media") or the path itself',
    );
  if (durability !== undefined && durability !== 'full' && durability !== 'process-crash')
    refuse('durability', durability, "give 'full' or 'process-crash'");
  for (const option of ['createRoot', 'removeEmptyFolders'] as const)
    if (options[option] !== undefined && typeof options[option] !== 'boolean')
      refuse(option, options[option], 'give true or false');
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
    `FileSystemStorage cannot use ${option} ${typeof value === 'string' ? withoutPassword(JSON.stringify(value)) : String(value)}: ${fix}.`,
    { operation: 'construct' },
  );
}
