import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CrashReport } from './crash-view.ts';

// A disk that is really full: a file system of one megabyte is mounted, for one process and its children. Nobody else sees
// it, no right is needed on most Linux systems, and it ends with the process. Elsewhere the kernel is asked to let no file
// of the process that saves grow over a megabyte.

const PROGRAM = fileURLToPath(new URL('./small-disk-child.ts', import.meta.url));
const FLAGS = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];

/** A program, and what it is given. */
export type Command = readonly [program: string, ...given: string[]];

/** So many lines of the new content are more than the disk has room for. */
export const TOO_MANY_LINES = 200_000;

export const DISK_NOTE = 'The disk has 1 MB, and the new content 3 MB.';
export const LIMIT_NOTE =
  'No small disk can be mounted here: the system lets no file of that process grow over 1 MB.';

const NAMESPACE = ['--user', '--map-root-user', '--mount'];
const MOUNT = 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"';
const run = promisify(execFile);

/** Whether this system lets its users mount something for themselves. */
export async function canMount(folder: string): Promise<boolean> {
  return run('unshare', [...NAMESPACE, 'sh', '-c', MOUNT, folder, 'true']).then(
    () => true,
    () => false,
  );
}

/** The whole run in a process that has the small disk where the objects are. */
export async function onSmallDisk(folder: string): Promise<CrashReport> {
  const objects = join(folder, 'objects');
  await mkdir(objects);
  const command = [process.execPath, ...FLAGS, PROGRAM, folder];
  const { stdout } = await run('unshare', [...NAMESPACE, 'sh', '-c', MOUNT, objects, ...command]);
  return JSON.parse(stdout) as CrashReport;
}

/** A command whose files cannot grow over a megabyte: 2,048 blocks of 512 bytes. */
export const limited = (command: Command): Command => [
  'sh',
  '-c',
  'ulimit -f 2048 && exec "$0" "$@"',
  ...command,
];
