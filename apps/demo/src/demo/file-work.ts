import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { FieldFileError, isFieldFileError, type ObjectInfo, type StoredFile } from '@fieldfile/core';
import { fromPath } from '@fieldfile/core/node';
import { canSignUrls } from '@fieldfile/storage';
import type { FileRow, FileTable } from './file-table.ts';
import type { Count } from './progress.ts';
import { sha256 } from './sha256.ts';
import type { StorageName } from './storage-name.ts';
import type { Step } from './storage-report.ts';

/** What a step does with the file of one row. It throws where a check fails. */
export type Work = (row: FileRow, count: Count) => Promise<void>;

/** What each step does on one storage: everything an application does with a file field. */
export function fileWork(
  name: StorageName,
  table: FileTable,
  signal: AbortSignal,
): Readonly<Record<Step, Work>> {
  const field = table.fields[name];

  /** The file as the database has it now. */
  const stored = (row: FileRow): StoredFile => {
    const file = field.of(row).stored;
    if (!file) throw failed('no-file', `The row of ${JSON.stringify(row.label)} names no file.`);
    return file;
  };

  /** By its version: the name is free at once, and another row's file may have taken it. */
  const isThere = async ({ name: key, version }: ObjectInfo): Promise<boolean> => {
    try {
      return (await field.storage.info(key, { signal })).version === version;
    } catch (error) {
      if (isFieldFileError(error, 'not-found')) return false;
      throw error;
    }
  };

  return {
    async save(row, count) {
      let counted = 0;
      await field.of(row).save(fromPath(row.source), {
        signal,
        onProgress({ sentBytes }) {
          count({ bytes: sentBytes - counted });
          counted = sentBytes;
        },
      });
      count({ bytes: row.sizeBytes - counted }); // what a disk cloned was never sent
    },

    async read(row, count) {
      const digest = await sha256(stored(row).stream({ signal }), bytes => count({ bytes }));
      requireSame(digest, row.sha256, row);
    },

    async url(row, count) {
      const { storage } = field;
      if (!canSignUrls(storage)) throw failed('unsupported', 'The storage signs no URLs.');
      const url = await storage.signedUrl(stored(row).name, { expiresInSeconds: 300 });
      const response = await fetch(url, { signal });
      if (!response.ok || !response.body)
        throw failed('backend', `Fetching the signed URL was answered with ${response.status}.`);
      const digest = await sha256(response.body, bytes => count({ bytes }));
      requireSame(digest, row.sha256, row);
    },

    async replace(row, count) {
      const old = await stored(row).info({ signal });
      const { content, digest } = revised(row, count, signal);
      await field.of(row).save(content, { name: row.label.split(/[/\\]/).at(-1) ?? row.label, signal });
      const fresh = stored(table.find(row.id) ?? row);
      requireSame(await sha256(fresh.stream({ signal })), digest(), row);
      if (await isThere(old))
        throw failed('integrity', `The replaced object ${JSON.stringify(old.name)} is still there.`);
    },

    async delete(row, count) {
      await field.of(row).delete({ signal });
      if (table.find(row.id)?.[name] !== null)
        throw failed('integrity', 'The row still names a file that was deleted.');
      count({ bytes: row.sizeBytes });
    },
  };
}

/** The original below a new first line, as a stream that can be read once and does not know its length. */
function revised(
  row: FileRow,
  count: Count,
  signal: AbortSignal,
): { readonly content: AsyncIterable<Uint8Array>; readonly digest: () => string } {
  const hash = createHash('sha256');
  async function* content(): AsyncGenerator<Uint8Array, void, undefined> {
    const line = Buffer.from('Revised by the demo.\n');
    hash.update(line);
    yield line;
    for await (const chunk of createReadStream(row.source, { signal })) {
      hash.update(chunk);
      count({ bytes: chunk.length });
      yield chunk;
    }
  }
  return { content: content(), digest: () => hash.digest('hex') };
}

function requireSame(digest: string, expected: string | null, row: FileRow): void {
  if (digest === expected) return;
  throw failed('integrity', `What came back of ${JSON.stringify(row.label)} is not what was stored.`);
}

const failed = (code: 'backend' | 'integrity' | 'no-file' | 'unsupported', message: string): FieldFileError =>
  new FieldFileError(code, message, { operation: 'demo' });
