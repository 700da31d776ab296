import { openSync, readFileSync, writeSync } from 'node:fs';

/** What a worker was told of one row: written down before and after it asks for anything, and kept by the system. */
export type LedgerLine =
  | {
      readonly id: string;
      readonly version: number;
      readonly file: string | null;
      readonly digest: string | null;
    }
  | { readonly id: string; readonly removing: true };

export class Ledger {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  /** One write call, so that a line is there or not. */
  write(line: LedgerLine): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}

export const readLedger = (path: string): readonly LedgerLine[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as LedgerLine);
