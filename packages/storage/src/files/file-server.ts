import type { Source } from '../content/source.ts';
import type { ObjectName } from '../names/object-name.ts';
import type { ObjectVersion, ReadOptions, ReadResult, WriteOptions } from '../storage/backend.ts';
import type { TreeFolder } from './list-tree.ts';

/** What a server tells of a name. */
export interface FoundFile {
  readonly kind: 'file' | 'folder' | 'other';
  readonly sizeBytes: number;
  readonly lastModified: Date;
  /** Another one for each content: an inode, a random mark. Two names of one file have the same. */
  readonly version: ObjectVersion;
  /** Whether the version is one file's for certain, so that it proves who made it. */
  readonly isProof: boolean;
}

/**
 * What {@link FilesBackend} needs of a server of files, such as SFTP: names that are given once, and names that change
 * hands in one step. Paths are whole, with `/` between their parts. What goes wrong is thrown as the server's own error.
 */
export interface FileServer {
  /** What a path is called that leads through no link. */
  realPath(path: string): Promise<string>;
  /** The name itself, not what a link leads to. Undefined when there is none. */
  look(path: string): Promise<FoundFile | undefined>;
  /** Makes a file, whole and flushed. A failure may leave a part of it. @throws where the path is occupied. */
  write(path: string, source: Source, options: WriteOptions): Promise<FoundFile>;
  /** Opens what was looked at. Undefined when another file, or none, has the path by now. */
  read(
    path: string,
    name: ObjectName,
    found: FoundFile,
    options: ReadOptions,
  ): Promise<ReadResult | undefined>;
  /** An empty file. @returns false where the path is occupied. */
  claim(path: string): Promise<boolean>;
  /** A second name for a file. `'occupied'`: refused in one step, whatever is there. */
  link(path: string, name: string): Promise<'done' | 'occupied' | 'no-folder'>;
  /** The file takes the name, and whatever file had it is gone, in one step. */
  rename(path: string, name: string): Promise<'done' | 'is-folder' | 'no-folder'>;
  /** @returns false when there was nothing. */
  remove(path: string): Promise<boolean>;
  /** One that is there is no error. */
  makeFolder(path: string, mode?: number): Promise<void>;
  /** For {@link listTree}; undefined when there is none. */
  folder(path: string): Promise<TreeFolder | undefined>;
  /** Whether an error leaves it open whether the server did what it was asked. */
  mayBeDone(error: unknown): boolean;
  close(): Promise<void>;
}
