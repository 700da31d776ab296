import type { Progress } from '../control/progress.ts';
import type { ListedFile, UploadedFile } from './listed-file.ts';

/** How many files go at once. */
const AT_ONCE = 3;

/** The files of an element, in the order of its list, and their rows. Some of them go at once, the others wait for their turn. */
export class Uploads {
  /** What holds the rows. */
  readonly #list: HTMLElement;
  #files: readonly ListedFile[] = [];

  constructor(list: HTMLElement) {
    this.#list = list;
  }

  get files(): readonly ListedFile[] {
    return this.#files;
  }

  get uploaded(): readonly UploadedFile[] {
    return this.#files.flatMap(({ name, sizeBytes, token }) =>
      token === undefined ? [] : [{ name, sizeBytes, token }],
    );
  }

  get progress(): Progress {
    const sum = (of: (file: ListedFile) => number): number =>
      this.#files.reduce((total, file) => total + of(file), 0);
    return {
      sentBytes: sum(({ sentBytes }) => sentBytes),
      confirmedBytes: sum(({ confirmedBytes }) => confirmedBytes),
      totalBytes: sum(({ sizeBytes }) => sizeBytes),
    };
  }

  add(files: readonly ListedFile[]): void {
    this.#files = [...this.#files, ...files];
    this.#list.append(...files.map(({ row }) => row));
  }

  startNext(): void {
    const running = this.#files.filter(({ state }) => state === 'uploading').length;
    const waiting = this.#files.filter(({ state }) => state === 'waiting');
    for (const file of waiting.slice(0, Math.max(0, AT_ONCE - running))) file.start();
  }

  remove(file: ListedFile): void {
    file.end();
    file.row.remove();
    this.#files = this.#files.filter(one => one !== file);
  }

  clear(): void {
    for (const file of this.#files) file.end();
    this.#files = [];
    this.#list.replaceChildren();
  }
}
