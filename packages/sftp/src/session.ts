import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import ssh2, { type SFTPWrapper } from 'ssh2';
import { SftpError } from './errors.ts';
import type { CheckedOptions } from './options.ts';

/** What OpenSSH has beyond the protocol, and without which something could be overwritten or half written. */
const EXTENSIONS = ['hardlink@openssh.com', 'posix-rename@openssh.com', 'fsync@openssh.com'];

type Done<T> = (error: (Error & { readonly code?: unknown }) | null | undefined, result: T) => void;

/** One connection. While nothing is asked over it, it keeps no process alive. */
export class Session {
  readonly #sftp: SFTPWrapper;
  readonly #socket: Socket;
  readonly #timeoutMs: number;

  constructor(sftp: SFTPWrapper, socket: Socket, timeoutMs: number) {
    this.#sftp = sftp;
    this.#socket = socket.unref();
    this.#timeoutMs = timeoutMs;
  }

  call<T>(send: (sftp: SFTPWrapper, done: Done<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      // Waiting for it keeps the process alive, too.
      const timer = setTimeout(() => {
        this.close();
        reject(new SftpError('lost', 'no answer came in time'));
      }, this.#timeoutMs);
      const done: Done<T> = (error, result) => {
        clearTimeout(timer);
        if (error) reject(SftpError.from(error));
        else resolve(result);
      };
      if (this.#socket.destroyed) done(new Error('the connection is closed'), undefined as never);
      else send(this.#sftp, done);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Connects. @param onClose told when the connection has ended, or never was. */
export function openSession(options: CheckedOptions, onClose: () => void): Promise<Session> {
  const { connection, hostKey, timeoutSeconds } = options;
  const { host, port = 22 } = connection;
  const { promise, resolve, reject } = Promise.withResolvers<Session>();
  const socket = connect({ host, port, noDelay: true, keepAlive: true });
  let shown: string | undefined;
  const fail = (error: Error & { readonly level?: string }): void => {
    const isStranger = shown !== undefined && !hostKey.includes(shown);
    const other = error.level === 'client-authentication' ? 'login' : 'unreachable';
    const status = isStranger ? 'host-key' : other;
    const text = isStranger ? `it shows ${shown}` : error.message;
    reject(error instanceof SftpError ? error : new SftpError(status, text, { cause: error }));
    socket.destroy();
  };
  const client = new ssh2.Client();
  client.on('error', fail).on('close', () => {
    onClose();
    fail(new Error('the connection was closed'));
  });
  client.on('ready', () =>
    client.sftp((error, sftp) => {
      if (error) return fail(error);
      const { _extensions: known = {} } = sftp as { readonly _extensions?: object };
      const missing = EXTENSIONS.filter(name => !(name in known));
      if (missing.length > 0) return fail(new SftpError('unsupported', `it lacks ${missing.join(', ')}`));
      resolve(new Session(sftp, socket, timeoutSeconds * 1000));
    }),
  );
  const hostVerifier = (key: Buffer): boolean => {
    shown = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
    return hostKey.includes(shown);
  };
  client.connect({ readyTimeout: timeoutSeconds * 1000, ...connection, sock: socket, hostVerifier });
  return promise;
}
