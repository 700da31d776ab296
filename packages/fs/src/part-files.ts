import type { WriteId } from '@fieldfile/storage';

/** Writes whose files are remembered. Of one that is forgotten, the next part goes into a new file. */
const MOST_WRITES = 1000;

/** Where one part is, or will be, in a file. */
export interface PartRange {
  readonly start: number;
  /** Infinite as long as its length is not known. */
  end: number;
  isWriting: boolean;
}

/** A file that this process made for parts of one write. It stands in the folder of that write. */
export interface PartFile {
  readonly name: string;
  readonly ranges: Set<PartRange>;
  /** It is to become the object: nothing is written into it any more, but by who completes it. */
  isSealed: boolean;
  /** Resolves once it is there. */
  made: Promise<void>;
}

/**
 * The files into which this process writes parts, each part at its place in the object. So the parts of one process are one file
 * in the end, and that file becomes the object.
 *
 * A process never writes into the file of another, and no place of a file is given to two parts. So what an upload that was given
 * up still sends, here or in a process that sleeps, changes nothing that another part has written.
 */
export class PartFiles {
  readonly #files = new Map<WriteId, PartFile[]>();

  /** A place for a part. `make` makes the file, if it is a new one. */
  take(
    writeId: WriteId,
    start: number,
    sizeBytes: number | undefined,
    make: (name: string) => Promise<void>,
  ): { readonly file: PartFile; readonly range: PartRange } {
    const range = { start, end: sizeBytes === undefined ? Number.POSITIVE_INFINITY : start + sizeBytes };
    const files = this.#of(writeId);
    let file = files.find(({ isSealed, ranges }) => !isSealed && isFree(ranges, range));
    if (!file) {
      const name = crypto.randomUUID();
      const fresh: PartFile = { name, ranges: new Set(), isSealed: false, made: make(name) };
      files.push(fresh);
      // Whoever took a place in it awaits it, and is told. The next part gets a file of its own.
      fresh.made.catch(() => files.splice(files.indexOf(fresh), 1));
      file = fresh;
    }
    const taken = { ...range, isWriting: true };
    file.ranges.add(taken);
    return { file, range: taken };
  }

  /** The part is stored, or it failed and nothing more of it will be written. */
  done({ ranges }: PartFile, range: PartRange, storedBytes: number | undefined): void {
    range.isWriting = false;
    if (storedBytes === undefined) ranges.delete(range);
    else range.end = range.start + storedBytes;
  }

  /**
   * A file of this process that can become the object, sealed: nothing is being written into it, and nothing else than the
   * object's own parts is where others are to be copied to. Undefined: none can.
   */
  seal(
    writeId: WriteId,
    parts: readonly { readonly file: string; readonly start: number }[],
  ): PartFile | undefined {
    const own = this.#files.get(writeId) ?? [];
    const fitting = own.filter(({ name, ranges, isSealed }) => {
      if (isSealed) return false;
      const starts = new Set(parts.filter(part => part.file === name).map(part => part.start));
      return starts.size > 0 && [...ranges].every(range => !range.isWriting && starts.has(range.start));
    });
    const count = ({ name }: PartFile): number => parts.filter(({ file }) => file === name).length;
    const [best] = fitting.sort((one, other) => count(other) - count(one));
    if (best) best.isSealed = true;
    return best;
  }

  /** The object was not made: parts may follow. */
  unseal(file: PartFile | undefined): void {
    if (file) file.isSealed = false;
  }

  forget(writeId: WriteId): void {
    this.#files.delete(writeId);
  }

  #of(writeId: WriteId): PartFile[] {
    const files = this.#files.get(writeId) ?? [];
    this.#files.delete(writeId);
    this.#files.set(writeId, files); // the last one used comes last
    const [oldest] = this.#files.keys();
    if (this.#files.size > MOST_WRITES && oldest !== undefined) this.#files.delete(oldest);
    return files;
  }
}

const isFree = (ranges: ReadonlySet<PartRange>, { start, end }: Pick<PartRange, 'start' | 'end'>): boolean =>
  [...ranges].every(range => range.end <= start || end <= range.start);
