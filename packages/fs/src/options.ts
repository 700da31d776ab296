import { resolve } from 'node:path';
import { FieldFileError, type StorageOptions } from '@fieldfile/storage';
import { knownOptions, STORAGE_OPTIONS, withoutPassword } from '@fieldfile/storage/backend';
import { type SigningKey, signingKeys } from './url.ts';

/**
 * What survives what. `'full'`: an acknowledged write survives a power cut; contents, every folder made for them and
 * the names are fsynced. `'process-crash'`: it survives the death of the process, not of the machine; several times
 * faster on disks that really flush. Contents are whole either way.
 */
export type Durability = 'full' | 'process-crash';

/** What a local-disk storage can be told. */
export interface FileSystemStorageOptions extends StorageOptions {
  /** The folder of the objects. A relative path is resolved when the storage is constructed; made by the first write. */
  readonly root: string;
  /** Where the objects are served, `https://media.example.com/` or `/media/`. Without it there are no URLs. */
  readonly baseUrl?: string;
  /**
   * The secret that signs URLs, at least 32 bytes. Several: the first signs, all verify, so that a key can be replaced
   * while URLs signed by the old one are about.
   */
  readonly signingKey?: SigningKey | readonly SigningKey[];
  /**
   * Signed URLs expire at whole multiples of this, rounded up: the same object has the same URL for as long, and a
   * browser finds it in its cache. Default: 1.
   */
  readonly expiryStepSeconds?: number;
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
  'root',
  'baseUrl',
  'signingKey',
  'expiryStepSeconds',
  'filePermissionsMode',
  'directoryPermissionsMode',
  'durability',
  'createRoot',
  'removeEmptyFolders',
];

/** @throws `invalid-argument`, naming the option and the fix. */
export function checkOptions(options: FileSystemStorageOptions): FileSystemStorageOptions {
  knownOptions(options, OPTIONS, { what: 'FileSystemStorage', operation: 'construct' });
  const { root, baseUrl, expiryStepSeconds, durability } = options;
  if (typeof root !== 'string' || root === '' || root.includes('\0'))
    refuse('root', root, 'give the path of a folder, such as "./media"');
  if (/^~|[\\/]~(?:[\\/]|$)|^file:/i.test(root))
    refuse(
      'root',
      root,
      'only a shell makes a home of "~", and only fileURLToPath a path of "file:"; give join(homedir(), "media") or the path itself',
    );
  if (baseUrl !== undefined && !isAddress(baseUrl))
    refuse(
      'baseUrl',
      baseUrl,
      'give an http(s) URL or an absolute path such as "/media/", without "?", "#" and a password',
    );
  if (expiryStepSeconds !== undefined && !(Number.isSafeInteger(expiryStepSeconds) && expiryStepSeconds >= 1))
    refuse('expiryStepSeconds', expiryStepSeconds, 'give a whole number of seconds, at least 1');
  if (durability !== undefined && durability !== 'full' && durability !== 'process-crash')
    refuse('durability', durability, "give 'full' or 'process-crash'");
  for (const option of ['createRoot', 'removeEmptyFolders'] as const)
    if (options[option] !== undefined && typeof options[option] !== 'boolean')
      refuse(option, options[option], 'give true or false');
  checkMode('filePermissionsMode', options.filePermissionsMode);
  checkMode('directoryPermissionsMode', options.directoryPermissionsMode);
  signingKeys(options.signingKey);
  return { ...options, root: resolve(root) };
}

function checkMode(option: string, mode: unknown): void {
  if (mode === undefined) return;
  if (typeof mode !== 'number' || !Number.isInteger(mode) || mode < 0 || mode > 0o7777)
    refuse(option, mode, 'give a number such as 0o640, not text');
}

function isAddress(baseUrl: unknown): baseUrl is string {
  if (typeof baseUrl !== 'string' || /[?#\\\s]|\/\/[^/]*@/.test(baseUrl)) return false;
  if (baseUrl.startsWith('/')) return !baseUrl.startsWith('//');
  return /^https?:\/\//.test(baseUrl) && URL.canParse(baseUrl);
}

function refuse(option: string, value: unknown, fix: string): never {
  throw new FieldFileError(
    'invalid-argument',
    `FileSystemStorage cannot use ${option} ${typeof value === 'string' ? withoutPassword(JSON.stringify(value)) : String(value)}: ${fix}.`,
    { operation: 'construct' },
  );
}
