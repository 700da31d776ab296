import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const SSHD = '/usr/sbin/sshd';

/** OpenSSH's server on a free loopback port, with a host key and a folder of its own. */
export interface SshServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Who may log in by {@link privateKey}. */
  readonly username: string;
  readonly privateKey: string;
  /** Of the host key, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
  /** A user who has no right to what `username` keeps to itself; undefined where this user may not become another. */
  readonly stranger: string | undefined;
  /** Makes an empty folder, and only `username` may look into it. It goes with the server. */
  makeFolder(): string;
  /** Paths below a folder that the server has open for its clients. */
  openFiles(folder: string): readonly string[];
}

/** Why there is no OpenSSH here; undefined when there is. */
export function sshdMissing(): string | undefined {
  try {
    execFileSync(SSHD, ['-V'], { stdio: 'ignore' });
    execFileSync('ssh-keygen', ['-l', '-f', '/dev/null'], { stdio: 'ignore' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return 'no OpenSSH server: install openssh-server and openssh-client';
  }
  return process.getuid?.() === 0 && !hasPrivilegeFolder() ? 'sshd has no /run/sshd' : undefined;
}

/** Where sshd, run as root, keeps its unprivileged half. Debian makes it when the service is started. */
function hasPrivilegeFolder(): boolean {
  try {
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    return true;
  } catch {
    return false;
  }
}

/** Starts it; the log goes to `DIRECTORY/log` until it ends. */
export async function startSshd(): Promise<SshServer> {
  const directory = mkdtempSync(join(tmpdir(), 'fieldfile-sshd-'));
  chmodSync(directory, 0o755);
  for (const key of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', join(directory, key)]);
  const shown = execFileSync('ssh-keygen', ['-l', '-f', join(directory, 'host.pub')], { encoding: 'utf8' });
  const port = await freePort();
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(directory, 'host')}`,
    'PidFile none',
    `AuthorizedKeysFile ${join(directory, 'client.pub')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'MaxStartups 1000',
    'Subsystem sftp internal-sftp',
    'ForceCommand internal-sftp',
  ];
  writeFileSync(join(directory, 'config'), config.join('\n'));
  const child = spawn(SSHD, ['-D', '-f', join(directory, 'config'), '-E', join(directory, 'log')], {
    stdio: 'ignore',
  });
  const stop = async (): Promise<void> => {
    await ended(child);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await listening(child, port);
  } catch (error) {
    const log = readFileSync(join(directory, 'log'), 'utf8');
    await stop();
    throw new Error(`sshd did not start:\n${log}`, { cause: error });
  }
  return {
    host: '127.0.0.1',
    port,
    username: userInfo().username,
    privateKey: readFileSync(join(directory, 'client'), 'utf8'),
    fingerprint: /SHA256:\S+/.exec(shown)?.[0] ?? '',
    stranger: process.getuid?.() === 0 ? 'nobody' : undefined,
    makeFolder: () => mkdtempSync(join(directory, 'files-')),
    openFiles: folder => openBelow(folder, child.pid as number),
    [Symbol.asyncDispose]: stop,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'data'); // its greeting
      return;
    } catch {
      await new Promise(resolve => setTimeout(resolve, 20));
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`sshd ended with ${child.exitCode}`);
}

/** Its sessions are processes of their own, which go when their connections do. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

function openBelow(folder: string, server: number): readonly string[] {
  const processes = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  const parents = new Map(processes.map(id => [Number(id), parentOf(id)]));
  const isSession = (id: number | undefined): boolean =>
    id !== undefined && (id === server || isSession(parents.get(id)));
  return processes
    .filter(id => isSession(Number(id)))
    .flatMap(id => attempt(() => readdirSync(`/proc/${id}/fd`), []).map(fd => `/proc/${id}/fd/${fd}`))
    .map(fd => attempt(() => readlinkSync(fd), ''))
    .filter(path => path.startsWith(`${folder}/`));
}

const parentOf = (id: string): number | undefined =>
  attempt(() => Number(/\) . (\d+)/.exec(readFileSync(`/proc/${id}/stat`, 'utf8'))?.[1]), undefined);

/** What was a process or a file a moment ago may be gone. */
function attempt<T>(act: () => T, otherwise: T): T {
  try {
    return act();
  } catch {
    return otherwise;
  }
}
