import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder to put a storage in. */
export function temporaryRoot(): string {
  return mkdtempSync(join(tmpdir(), 'fieldfile-fs-'));
}
