import type { Source } from '@fieldfile/storage';

/**
 * The first bytes of a source, and the source as it was before they were read.
 *
 * What can be read again is read again. Of a stream the chunks that were read are kept until it is opened: as many as
 * `sizeBytes` needs, and no more.
 */
export async function firstBytes(
  source: Source,
  sizeBytes: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly bytes: Uint8Array; readonly source: Source }> {
  if (source.bytes) return { bytes: source.bytes.subarray(0, sizeBytes), source };
  const iterator = source.open(signal)[Symbol.asyncIterator]();
  const { chunks, ended } = await take(iterator, sizeBytes);
  const bytes = joined(chunks, sizeBytes);
  // A file may be taken away by who stores it, and until then it is there to be read.
  if (source.replayable || source.local) {
    if (!ended) await iterator.return?.();
    return { bytes, source };
  }
  return { bytes, source: { ...sizeOf(source), replayable: false, ...rest(chunks, iterator) } };
}

async function take(
  iterator: AsyncIterator<Uint8Array>,
  sizeBytes: number,
): Promise<{ readonly chunks: Uint8Array[]; readonly ended: boolean }> {
  const chunks: Uint8Array[] = [];
  let taken = 0;
  while (taken < sizeBytes) {
    const { done, value } = await iterator.next();
    if (done) return { chunks, ended: true };
    chunks.push(value);
    taken += value.byteLength;
  }
  return { chunks, ended: false };
}

/** The chunks that were read, then those that follow. */
function rest(chunks: Uint8Array[], iterator: AsyncIterator<Uint8Array>): Pick<Source, 'open' | 'release'> {
  let taken = false;
  const release = (): void => void iterator.return?.()?.catch(() => {}); // nobody waits for a stream that is let go
  return {
    release,
    async *open() {
      if (taken) throw new Error('A stream was opened twice.');
      taken = true;
      try {
        for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) yield chunk;
        for (;;) {
          const { done, value } = await iterator.next();
          if (done) return;
          yield value;
        }
      } finally {
        release();
      }
    },
  };
}

const sizeOf = ({ sizeBytes }: Source): Pick<Source, 'sizeBytes'> =>
  sizeBytes === undefined ? {} : { sizeBytes };

function joined(chunks: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const length = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  const bytes = new Uint8Array(Math.min(sizeBytes, length));
  let offset = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(0, bytes.byteLength - offset);
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}
