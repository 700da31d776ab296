import type { BigIntStats, Dirent } from 'node:fs';

/**
 * A directory held open, and what can be done with the names directly in it: the shape of POSIX's `openat` family.
 * Nothing else in this package names a path, so nothing else can be led astray by a symbolic link.
 *
 * A name is one segment, never a path. No method but `copy` follows a symbolic link. Every method rejects with `DiskError`.
 */
export interface Directory {
  /** Its path, for messages and to tell directories apart; never opened. */
  readonly path: string;
  /** @throws `ENOENT`; `ELOOP` for a symbolic link; `ENOTDIR` for anything else that is no directory. */
  child(name: string): Promise<Directory>;
  /** Flags as in `open(2)`; `O_NOFOLLOW` is added. `mode` is subject to the umask. */
  open(name: string, flags: number, mode?: number): Promise<OpenFile>;
  /**
   * Opens a file by its path from here, in one step. Undefined unless it is certain that the path led through no link: then
   * go step by step, which also tells why. Absent where the system cannot tell what it opened.
   *
   * @param realPath of this directory, through no link.
   */
  openBelow?(path: string, flags: number, realPath: string): Promise<OpenFile | undefined>;
  /** A directory in the same way. */
  childBelow?(path: string, realPath: string): Promise<Directory | undefined>;
  /** @throws `EEXIST`. */
  makeDirectory(name: string, mode: number): Promise<void>;
  /** The name itself, as `lstat` does; undefined when there is none. */
  stat(name: string): Promise<BigIntStats | undefined>;
  /** A second name for one file. @throws `EEXIST`; `EXDEV`, `EPERM`, `ENOTSUP`, `EMLINK` where that cannot be. */
  link(name: string, target: Directory, targetName: string): Promise<void>;
  rename(name: string, target: Directory, targetName: string): Promise<void>;
  unlink(name: string): Promise<void>;
  removeDirectory(name: string): Promise<void>;
  entries(): Promise<Dirent[]>;
  /** The same, few at a time. */
  eachEntry(): AsyncIterable<Dirent>;
  /** The names byte by byte, for those that are no UTF-8. */
  entriesAsBytes(): Promise<Buffer[]>;
  /** A copy by reflink or in the kernel. The one method that follows a link at `name`. @throws `EEXIST`. */
  copy(name: string, target: Directory, targetName: string): Promise<void>;
  changeMode(mode: number): Promise<void>;
  /** A second handle, for what outlives the first. Close it, too. */
  reopen(): Promise<Directory>;
  /** Makes names that were added or taken away durable. */
  sync(): Promise<void>;
  /** Cannot fail: nothing was written through it. */
  close(): void;
}

/** A file held open. */
export interface OpenFile {
  /** A path that reaches this very file while it is open, where the system has such. */
  readonly pathWhileOpen: string | undefined;
  /** Bytes read, fewer than asked only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Appends all of it, in as few calls as the system allows. With a position, writes it there. */
  append(chunks: readonly Uint8Array[], position?: number): Promise<void>;
  stat(): Promise<BigIntStats>;
  /**
   * Sets mode and time of modification (seconds since 1970, with a fraction) of a file just made, and tells what it is
   * then. Synchronous: an inode in memory takes a microsecond, a turn in the thread pool waits behind others' fsyncs.
   */
  stamp(mode: number, modified: number): BigIntStats;
  sync(): Promise<void>;
  /** Asynchronous where it may free much that was unlinked. */
  close(): Promise<void>;
}

/** Begins at a root, whose own path may lead through symbolic links. No I/O. */
export type Disk = (root: string) => Directory;
