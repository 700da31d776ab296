import { FieldFileError } from '../errors/field-file-error.ts';
import type { LocalFile } from './local-file.ts';
import { readAll } from './read-all.ts';
import type { Source } from './source.ts';
import { type SourceContext, where } from './source-context.ts';

const CHUNK_BYTES = 1024 * 1024;

/** A file of this machine: where the backend cannot take it as a file, it is read. */
export function localSource(file: LocalFile, context: SourceContext): Source {
  return {
    sizeBytes: file.sizeBytes,
    replayable: !file.consume,
    local: { path: file.path, consume: file.consume },
    open: signal => readAll(readFile(file.path, context), signal, context),
  };
}

/** Takes away a file that a storage has read and may have. One that is gone is no error. */
export async function removeLocalFile(path: string): Promise<void> {
  const fs = globalThis.process?.getBuiltinModule?.('node:fs');
  await fs?.promises.rm(path, { force: true });
}

async function* readFile(path: string, context: SourceContext): AsyncGenerator<Uint8Array> {
  const fs = globalThis.process?.getBuiltinModule?.('node:fs');
  if (!fs) throw new FieldFileError('unsupported', 'This runtime has no file system (fromPath).', context);
  try {
    yield* fs.createReadStream(path, { highWaterMark: CHUNK_BYTES });
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    throw new FieldFileError(
      code === 'ENOENT' ? 'not-found' : code === 'EACCES' || code === 'EPERM' ? 'permission' : 'backend',
      `${JSON.stringify(path)} could be read when it was given to fromPath(), and no longer can${where(context)}.`,
      { ...context, cause: error },
    );
  }
}
