import type { Source } from '@fieldfile/storage';
import {
  type FileServer,
  type FoundFile,
  objectInfo,
  type ReadResult,
  readByPosition,
  type TreeFolder,
  type WriteOptions,
  writeByPosition,
} from '@fieldfile/storage/backend';
import type { Attributes, FileEntry } from 'ssh2';
import { foundFile, randomMark } from './attributes.ts';
import { isSftpError, SftpError } from './errors.ts';
import type { CheckedOptions } from './options.ts';
import { openSession, type Session } from './session.ts';

/** Bytes of one request. */
const READ_BYTES = 32 * 1024;
const WRITE_BYTES = 64 * 1024;
const WRITES_AT_ONCE = 16;

/** How often a name may be freed between being refused and being looked at. */
const ATTEMPTS = 100;

/** The files of an SFTP server. */
export class SftpServer implements FileServer {
  readonly #options: CheckedOptions;
  #opening: Promise<Session> | undefined;

  constructor(options: CheckedOptions) {
    this.#options = options;
  }

  realPath(path: string): Promise<string> {
    return this.#call<string>((sftp, done) => sftp.realpath(path, done));
  }

  async look(path: string): Promise<FoundFile | undefined> {
    const found = await this.#unless(
      'no-such-file',
      this.#call<Attributes>((sftp, done) => sftp.lstat(path, done)),
    );
    return found && foundFile(found);
  }

  async write(path: string, source: Source, options: WriteOptions): Promise<FoundFile> {
    const mode = this.#options.filePermissionsMode;
    const session = await this.#session();
    const handle = await session.call<Buffer>((sftp, done) => sftp.open(path, 'wx', { mode }, done));
    try {
      await writeByPosition(source, options, {
        requestBytes: WRITE_BYTES,
        requests: WRITES_AT_ONCE,
        write: (bytes, position) => {
          const part = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
          return session.call<void>((sftp, done) =>
            sftp.write(handle, part, 0, part.length, position, done as never),
          );
        },
      });
      const stat = (): Promise<Attributes> => session.call((sftp, done) => sftp.fstat(handle, done));
      const { mtime } = await stat();
      const own = { mode, mtime, atime: randomMark(mtime) };
      await session.call<void>((sftp, done) => sftp.fsetstat(handle, own, done));
      await session.call<void>((sftp, done) => sftp.ext_openssh_fsync(handle, done));
      const written = foundFile(await stat());
      if (!written.isProof) throw new SftpError('unsupported', 'it does not keep the times of files');
      return written;
    } finally {
      await this.#closed(session, handle);
    }
  }

  read: FileServer['read'] = async (path, name, found, options) => {
    const session = await this.#session();
    const opening = session.call<Buffer>((sftp, done) => sftp.open(path, 'r', done));
    const handle = await this.#unless('no-such-file', opening);
    if (!handle) return undefined;
    const opened = foundFile(await session.call<Attributes>((sftp, done) => sftp.fstat(handle, done)));
    const result: ReadResult = readByPosition(objectInfo(name, opened), options, {
      read: (into, position) => readInto(session, handle, into, position),
      close: () => this.#closed(session, handle),
    });
    if (opened.version === found.version) return result;
    await result[Symbol.asyncDispose]();
    return undefined;
  };

  async claim(path: string): Promise<boolean> {
    const session = await this.#session();
    return this.#unlessOccupied(path, async () =>
      this.#closed(session, await session.call<Buffer>((sftp, done) => sftp.open(path, 'wx', done))),
    );
  }

  async link(path: string, name: string): Promise<'done' | 'occupied' | 'no-folder'> {
    const linked = this.#unlessOccupied(name, () =>
      this.#call<void>((sftp, done) => sftp.ext_openssh_hardlink(path, name, done)),
    );
    const isDone = await this.#unless('no-such-file', linked);
    return isDone === undefined ? 'no-folder' : isDone ? 'done' : 'occupied';
  }

  async rename(path: string, name: string): Promise<'done' | 'is-folder' | 'no-folder'> {
    const renamed = this.#unlessOccupied(name, () =>
      this.#call<void>((sftp, done) => sftp.ext_openssh_rename(path, name, done)),
    );
    const isDone = await this.#unless('no-such-file', renamed);
    return isDone === undefined ? 'no-folder' : isDone ? 'done' : 'is-folder';
  }

  async remove(path: string): Promise<boolean> {
    const removed = this.#call<void>((sftp, done) => sftp.unlink(path, done)).then(() => true);
    return (await this.#unless('no-such-file', removed)) ?? false;
  }

  async makeFolder(path: string, mode: number = 0o777): Promise<void> {
    await this.#unless(
      'failure',
      this.#call<void>((sftp, done) => sftp.mkdir(path, { mode }, done)),
    );
  }

  /** The server tells all of the files along with their names. */
  async folder(path: string): Promise<TreeFolder | undefined> {
    const reading = this.#call<FileEntry[]>((sftp, done) => sftp.readdir(path || '/', done));
    const entries = await this.#unless('no-such-file', reading);
    if (!entries) return undefined;
    const files = new Map(entries.map(({ filename, attrs }) => [filename, foundFile(attrs)]));
    // What is no UTF-8 was read as U+FFFD, and nothing is called so.
    for (const name of files.keys())
      if (name.includes('\ufffd') && !(await this.look(`${path}/${name}`))) files.delete(name);
    const named = { file: '', folder: '/' };
    return {
      names: async () =>
        [...files].flatMap(([name, { kind }]) => (kind === 'other' ? [] : [name + named[kind]])),
      async details(name, whole) {
        const file = files.get(name);
        return file && objectInfo(whole, file);
      },
    };
  }

  mayBeDone(error: unknown): boolean {
    return isSftpError(error, 'lost');
  }

  async close(): Promise<void> {
    (await this.#opening?.catch(() => undefined))?.close();
  }

  /** The connection: made for the first call, and anew when it was lost. */
  #session(): Promise<Session> {
    if (this.#opening) return this.#opening;
    const opening = openSession(this.#options, () => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    this.#opening = opening;
    return opening;
  }

  async #call<T>(send: Parameters<typeof Session.prototype.call<T>>[0]): Promise<T> {
    return (await this.#session()).call(send);
  }

  async #unless<T>(status: 'no-such-file' | 'failure', result: Promise<T>): Promise<T | undefined> {
    return result.catch(error => {
      if (isSftpError(error, status)) return undefined;
      throw error;
    });
  }

  /** The protocol has one word for a name that is occupied and for all else that goes wrong. @returns whether it was done. */
  async #unlessOccupied(path: string, act: () => Promise<void>): Promise<boolean> {
    for (let attempt = 1; ; attempt++)
      try {
        await act();
        return true;
      } catch (error) {
        if (!isSftpError(error, 'failure')) throw error;
        if (await this.look(path)) return false;
        if (attempt === ATTEMPTS) throw error; // else it was occupied a moment ago
      }
  }

  /** A handle goes with its connection, too. */
  #closed(session: Session, handle: Buffer): Promise<void> {
    return session.call<void>((sftp, done) => sftp.close(handle, done)).catch(() => {});
  }
}

/** Several requests at a time: the way to the server and back is waited for once. */
async function readInto(
  session: Session,
  handle: Buffer,
  into: Uint8Array,
  position: number,
): Promise<number> {
  const bytes = Buffer.from(into.buffer, into.byteOffset, into.byteLength);
  const part = async (start: number): Promise<number> => {
    const end = Math.min(bytes.length, start + READ_BYTES);
    let at = start;
    for (let read = 1; at < end && read > 0; at += read)
      read = await session.call<number>((sftp, done) =>
        sftp.read(handle, bytes, at, end - at, position + at, done),
      );
    return at - start;
  };
  const starts = Array.from(
    { length: Math.ceil(bytes.length / READ_BYTES) },
    (_, index) => index * READ_BYTES,
  );
  return (await Promise.all(starts.map(part))).reduce((sum, read) => sum + read, 0);
}
