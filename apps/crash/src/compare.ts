import { isFieldFileError, type Storage } from '@fieldfile/core';
import { digestOf, faultOf, isRefused, REFUSED } from './content.ts';
import type { DocumentRow, Documents } from './documents.ts';
import type { LedgerLine } from './ledger.ts';

/** What is wrong when both sides stand beside each other. Each a list of sentences. */
export interface Differences {
  readonly rowsWithoutObject: readonly string[];
  readonly objectsWithoutRow: readonly string[];
  readonly wrongContent: readonly string[];
  /** What a worker was told is done, and is not. */
  readonly lost: readonly string[];
  /** Content that the inspector refuses, under a name. */
  readonly refused: readonly string[];
}

export async function compare(
  documents: Documents,
  storage: Storage,
  ledger: readonly LedgerLine[],
): Promise<Differences> {
  const rows = await documents.all();
  const rowsWithoutObject: string[] = [];
  const wrongContent: string[] = [];
  for (const row of rows) {
    if (row.file === null) continue;
    const bytes = await bytesOf(storage, row.file);
    if (!bytes) rowsWithoutObject.push(`row ${row.id} names ${row.file}`);
    else {
      const wrong = faultOf(bytes) ?? columnFaultOf(row, bytes);
      if (wrong) wrongContent.push(`row ${row.id}, ${row.file}: ${wrong}`);
    }
  }
  const named = new Set(rows.map(row => row.file));
  const objects = await Array.fromAsync(storage.list(), ({ name }) => name as string);
  return {
    rowsWithoutObject,
    objectsWithoutRow: objects.filter(name => !named.has(name)),
    wrongContent,
    lost: lostOf(rows, ledger),
    refused: [...(await refusedIn(storage))],
  };
}

export const isClean = (found: Differences): boolean =>
  [found.rowsWithoutObject, found.objectsWithoutRow, found.wrongContent, found.lost, found.refused].every(
    list => list.length === 0,
  );

/** Names of objects that began, when they were looked at, as what the inspector refuses. */
export async function refusedIn(storage: Storage): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const { name } of storage.list()) {
    const beginning = await bytesOf(storage, name, REFUSED.length);
    if (beginning && isRefused(beginning)) found.add(name);
  }
  return found;
}

/** What is not known is null. */
function columnFaultOf({ digest, size }: DocumentRow, bytes: Uint8Array): string | undefined {
  if (digest !== null && digest !== digestOf(bytes)) return 'the digest of other bytes';
  return size !== null && size !== bytes.byteLength ? 'the size of other bytes' : undefined;
}

async function bytesOf(
  storage: Storage,
  name: string,
  endExclusive?: number,
): Promise<Uint8Array | undefined> {
  try {
    await using opened = await storage.open(name, endExclusive === undefined ? {} : { endExclusive });
    return await opened.bytes();
  } catch (error) {
    if (isFieldFileError(error, 'not-found')) return undefined;
    throw error;
  }
}

/** Every change raises the row's version: what was acknowledged is there, or something later is. */
function lostOf(rows: readonly DocumentRow[], ledger: readonly LedgerLine[]): readonly string[] {
  const now = new Map(rows.map(row => [row.id, row]));
  const removing = new Set(ledger.flatMap(line => ('removing' in line ? [line.id] : [])));
  return ledger.flatMap(line => {
    if ('removing' in line) return [];
    const { id, version, file, digest } = line;
    const row = now.get(id);
    if (!row) return removing.has(id) ? [] : [`row ${id} is gone`];
    if (row.version < version) return [`row ${id} is at ${row.version}, acknowledged was ${version}`];
    const same = row.version > version || (row.file === file && row.digest === digest);
    return same ? [] : [`row ${id} names ${row.file}, acknowledged was ${file}`];
  });
}
