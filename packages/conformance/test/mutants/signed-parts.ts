import { createHash } from 'node:crypto';
import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import { type Digest, FieldFileError, type ObjectInfo, type WriteId } from '@fieldfile/storage';
import {
  type PartedWrite,
  type PartedWrites,
  runningDigest,
  type StoredPart,
  wrapBackend,
} from '@fieldfile/storage/backend';
import { subject } from './on-memory.ts';

/** What is wrong with it. */
interface Mistakes {
  /** Stores whatever bytes come for a part. */
  readonly takesAnyBytes?: boolean;
  /** Makes objects without a digest of the whole. */
  readonly forgetsTheWhole?: boolean;
  /** Signs parts as they are asked for, with a digest or without. */
  readonly signsAnything?: boolean;
  /** Tells of parts without their digest. */
  readonly listsEtagsOnly?: boolean;
}

const ADDRESS = 'https://parts.example/';

/** Memory whose parts clients send by URLs, with a CRC32 each where that was asked for: as a bucket has it. */
export function signsParts(mistakes: Mistakes = {}): Promise<StorageUnderTest> {
  const memory = new MemoryBackend();
  const parts = new SignedParts(memory, mistakes);
  const backend = wrapBackend(memory, whole => ({
    ...whole,
    parts,
    info: async (name, options) => parts.told(await whole.info(name, options)),
    undo(name, writeId, options) {
      parts.forget(writeId);
      return whole.undo(name, writeId, options);
    },
  }));
  return subject(backend, { fetch: request => parts.receive(request) });
}

class SignedParts implements PartedWrites {
  readonly limits: PartedWrites['limits'];
  readonly #memory: MemoryBackend;
  readonly #mistakes: Mistakes;
  readonly #sent = new Map<WriteId, Map<number, Sent>>();
  readonly #wholes = new Map<string, Digest>();

  constructor(memory: MemoryBackend, mistakes: Mistakes) {
    this.#memory = memory;
    this.#mistakes = mistakes;
    this.limits = memory.parts.limits;
  }

  begin: PartedWrites['begin'] = async (names, options) => {
    const write = await this.#memory.parts.begin(names, options);
    this.#sent.set(write.writeId, new Map());
    const { partDigest } = options;
    return partDigest ? { ...write, partDigest, id: partDigest } : write;
  };

  writePart: PartedWrites['writePart'] = (...given) => this.#memory.parts.writePart(...given);

  complete: PartedWrites['complete'] = async (write, parts, options) => {
    const sent = this.#sent.get(write.writeId);
    const inner = parts.map(part => {
      const one = sent?.get(part.number);
      return one && this.#listed(one).receipt === part.receipt ? one.stored : part;
    });
    const info = await this.#memory.parts.complete(write, inner, options);
    this.#sent.delete(write.writeId);
    if (write.id !== '' && sent && !this.#mistakes.forgetsTheWhole)
      this.#wholes.set(info.version, crc32(parts.map(({ number }) => sent.get(number)?.bytes ?? EMPTY)));
    return this.told(info) ?? info;
  };

  signPart: NonNullable<PartedWrites['signPart']> = async (write, { number }, { sizeBytes, digest }) => {
    const isNeeded = write.id !== '';
    if (isNeeded !== (digest !== undefined) && !this.#mistakes.signsAnything)
      throw new FieldFileError('invalid-argument', `Part ${number} is signed with its digest, or none is.`);
    const url = new URL(ADDRESS);
    const said = { ...write, number, sizeBytes, base64: digest?.base64 };
    url.searchParams.set('said', JSON.stringify(said));
    return { method: 'PUT', url: url.href, headers: digest ? { 'x-crc32': digest.base64 } : {} };
  };

  listParts: NonNullable<PartedWrites['listParts']> = async ({ name, writeId }) => {
    const sent = this.#sent.get(writeId);
    if (!sent) throw new FieldFileError('conflict', 'It is complete, or was undone.', { name });
    return [...sent.values()].map(one => this.#listed(one)).sort((one, other) => one.number - other.number);
  };

  async receive(request: Request): Promise<Response> {
    const { number, sizeBytes, base64, ...write } = JSON.parse(
      new URL(request.url).searchParams.get('said') ?? '',
    ) as PartedWrite & { readonly number: number; readonly sizeBytes?: number; readonly base64?: string };
    const bytes = new Uint8Array(await request.arrayBuffer());
    const sent = this.#sent.get(write.writeId);
    if (!sent) return new Response(null, { status: 404 });
    if (sizeBytes !== undefined && sizeBytes !== bytes.byteLength) return new Response(null, { status: 403 });
    if ((request.headers.get('x-crc32') ?? undefined) !== base64) return new Response(null, { status: 403 });
    const isOther = base64 !== undefined && crc32([bytes]).base64 !== base64;
    if (isOther && !this.#mistakes.takesAnyBytes) return new Response(null, { status: 400 });
    const source = {
      ...{ sizeBytes: bytes.byteLength, replayable: true, bytes },
      async *open() {
        yield bytes;
      },
    };
    const stored = await this.writePart(write, { number, offset: 0 }, source);
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    sent.set(number, { bytes, stored, etag, base64 });
    return new Response(null, { headers: { etag } });
  }

  /** What is known of an object beside what memory knows. */
  told(info: ObjectInfo | undefined): ObjectInfo | undefined {
    const digest = info && this.#wholes.get(info.version);
    return digest ? { ...info, digest } : info;
  }

  forget(writeId: WriteId): void {
    this.#sent.delete(writeId);
  }

  #listed({ stored, etag, base64 }: Sent): StoredPart {
    const isTold = base64 !== undefined && !this.#mistakes.listsEtagsOnly;
    return { ...stored, receipt: isTold ? `${etag} ${base64}` : etag };
  }
}

/** A part that a client has sent. */
interface Sent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly stored: StoredPart;
  readonly etag: string;
  readonly base64: string | undefined;
}

const EMPTY = new Uint8Array();

function crc32(chunks: readonly Uint8Array[]): Digest {
  const running = runningDigest('crc32');
  for (const chunk of chunks) running.update(chunk);
  return { algorithm: 'crc32', base64: running.base64() };
}
