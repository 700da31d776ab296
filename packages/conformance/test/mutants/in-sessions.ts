import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import { FieldFileError, isFieldFileError, type Source } from '@fieldfile/storage';
import {
  type ObjectName,
  type PartedWrites,
  type SessionOptions,
  type UploadSession,
  wrapBackend,
} from '@fieldfile/storage/backend';
import { subject } from './on-memory.ts';

/** What a session can do wrong. */
export type Mistake =
  | 'replaces whatever is there'
  | 'makes it again'
  | 'cuts what is too long'
  | 'takes the type that is sent'
  | 'goes on after its end'
  | 'starts from scratch'
  | 'begins over any version';

/** Memory whose uploads by clients go by sessions, as those of Google Cloud Storage. */
export async function inSessions(mistake?: Mistake): Promise<StorageUnderTest> {
  const memory = new MemoryBackend();
  const sessions = new Map<string, Session>();
  const sessionOf = ({ url }: Pick<UploadSession, 'url'>): Session => {
    const session = sessions.get(url);
    if (!session) throw new Error(`${url} is no session.`);
    return session;
  };
  const { parts } = memory;
  const changed: PartedWrites = {
    limits: parts.limits,
    begin: parts.begin.bind(parts),
    writePart: parts.writePart.bind(parts),
    complete: parts.complete.bind(parts),
    async startSession(name, options) {
      const version = (await memory.info(name))?.version;
      if (version !== options.replaces.version && mistake !== 'begins over any version')
        throw new FieldFileError('precondition', 'It is another version.', { name });
      const url = `http://sessions.test/${sessions.size}`;
      sessions.set(url, new Session(memory, name, options, mistake));
      return url;
    },
    sessionBytes: async session => sessionOf(session).bytesThere(),
    endSession: async session => sessionOf(session).end(),
  };
  const backend = wrapBackend(memory, whole => ({ ...whole, parts: changed }));
  return subject(backend, { fetch: async request => sessionOf(request).answer(request) });
}

class Session {
  readonly #memory: MemoryBackend;
  readonly #name: ObjectName;
  readonly #options: SessionOptions;
  readonly #mistake: Mistake | undefined;
  #bytes = new Uint8Array(0);
  #state: 'open' | 'made' | 'over' = 'open';

  constructor(
    memory: MemoryBackend,
    name: ObjectName,
    options: SessionOptions,
    mistake: Mistake | undefined,
  ) {
    this.#memory = memory;
    this.#name = name;
    this.#options = options;
    this.#mistake = mistake;
  }

  bytesThere(): number {
    if (this.#state === 'over') throw new FieldFileError('conflict', 'It is over.', { name: this.#name });
    return this.#bytes.byteLength;
  }

  end(): void {
    if (this.#state === 'open' && this.#mistake !== 'goes on after its end') this.#state = 'over';
  }

  async answer(request: Request): Promise<Response> {
    const [, start = '*', size] =
      /^bytes (\*|\d+)[-\d]*\/(\d+)$/.exec(request.headers.get('content-range') ?? '') ?? [];
    const body = new Uint8Array(await request.arrayBuffer());
    if (this.#state === 'made' && this.#mistake === 'makes it again') this.#state = 'open';
    else if (this.#state === 'made') return new Response();
    if (this.#state === 'over') return new Response(null, { status: 410 });
    const { exactBytes } = this.#options;
    const isCut = this.#mistake === 'cuts what is too long' && Number(size) > exactBytes;
    if (Number(size) !== exactBytes && !isCut) return new Response(null, { status: 400 });
    const offset = start === '*' || this.#mistake === 'starts from scratch' ? 0 : Number(start);
    if (start !== '*') this.#bytes = new Uint8Array([...this.#bytes.subarray(0, offset), ...body]);
    if (isCut) this.#bytes = this.#bytes.subarray(0, exactBytes);
    if (this.#bytes.byteLength < exactBytes) return new Response(null, { status: 308 });
    return this.#make(request.headers.get('content-type'));
  }

  async #make(type: string | null): Promise<Response> {
    const { replaces, contentType } = this.#options;
    const bytes = this.#bytes;
    const source: Source = {
      ...{ sizeBytes: bytes.byteLength, replayable: true },
      async *open() {
        yield bytes;
      },
    };
    const given = this.#mistake === 'takes the type that is sent' ? (type ?? contentType) : contentType;
    const isBound = this.#mistake !== 'replaces whatever is there' && this.#mistake !== 'makes it again';
    this.#state = 'over';
    try {
      await this.#memory.replace(this.#name, source, {
        writeId: replaces.writeId,
        ...(given === undefined ? {} : { contentType: given }),
        ...(isBound ? { ifMatch: replaces.version } : {}),
      });
      this.#state = 'made';
      return new Response();
    } catch (error) {
      if (!isFieldFileError(error, 'precondition', 'not-found')) throw error;
      return new Response(null, { status: 412 });
    }
  }
}
