import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { contentOf, REFUSED } from './content.ts';
import type { Random } from './random.ts';

/** What was answered; nothing where the connection ended before. */
interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface UploadClientOptions {
  readonly random: Random;
  /** A server, another one each time. */
  readonly port: () => Promise<number>;
  /** Every part of a bucket but the last has so many bytes at the least; some files are larger. */
  readonly partBytes: number;
}

/** So long nobody waits for an answer: its server may be stopped. */
const PATIENCE_MS = 3000;

/** So often a client tries anything. */
const ATTEMPTS = 12;

/**
 * A client that uploads a file and has a row made of it, and gives up at some point, most of the time. Its connections break at any
 * byte, and each of its requests goes to another server.
 */
export class UploadClient {
  readonly #options: UploadClientOptions;
  /** Connections that it broke. */
  cuts = 0;

  constructor(options: UploadClientOptions) {
    this.#options = options;
  }

  /** @returns whether it was told that the row is there. */
  async upload(id: string): Promise<boolean> {
    const { random } = this.#options;
    const token = `${random.chance(0.1) ? REFUSED : ''}${id}`;
    const content = contentOf(token, this.#size());
    const uploaded = await (random.chance(0.5) ? this.#byClaim(id, content) : this.#inPieces(content));
    if (uploaded === undefined || this.#givesUp()) return false;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const answer = await this.#ask('POST', `/rows?id=${id}`, {}, Buffer.from(uploaded));
      if (answer?.status === 201) return true;
      if (answer || this.#givesUp()) return false;
    }
    return false;
  }

  #size(): number {
    const { random, partBytes } = this.#options;
    if (random.chance(0.05)) return partBytes + random.below(partBytes);
    return random.chance(0.5) ? random.below(300_000) : random.below(3000);
  }

  #givesUp(): boolean {
    return this.#options.random.chance(0.15);
  }

  /** @returns the claim's token. */
  async #byClaim(id: string, content: Buffer): Promise<string | undefined> {
    const about = { filename: `${id.slice(-1)}.bin`, sizeBytes: content.byteLength };
    const answer = await this.#ask('POST', '/claims', {}, Buffer.from(JSON.stringify(about)));
    if (answer?.status !== 200 || this.#givesUp()) return undefined;
    const { upload, token } = JSON.parse(answer.text);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const put = await this.#ask(upload.method, upload.url, upload.headers, content, this.#cut(content));
      if (put && put.status < 500) return token;
      if (this.#givesUp()) return undefined;
    }
    return undefined;
  }

  /** @returns the upload's token. */
  async #inPieces(content: Buffer): Promise<string | undefined> {
    const begun = await this.#ask('POST', '/uploads/', { 'upload-length': String(content.byteLength) });
    const path = begun?.headers.location;
    if (path === undefined) return undefined;
    for (let attempt = 1; attempt <= ATTEMPTS && !this.#givesUp(); attempt++) {
      const known = await this.#ask('HEAD', path);
      if (!known) continue;
      if (known.status !== 200) return undefined;
      const offset = Number(known.headers['upload-offset']);
      const token = path.split('/').at(-1);
      if (offset === content.byteLength) return token;
      const rest = content.subarray(offset);
      const piece = { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' };
      const patched = await this.#ask('PATCH', path, piece, rest, this.#cut(rest));
      if (patched?.headers['upload-offset'] === String(content.byteLength) && patched.status === 204)
        return token;
    }
    return undefined;
  }

  /** How much of it comes through. */
  #cut({ byteLength }: Buffer): number {
    const { random } = this.#options;
    return random.chance(0.4) ? random.below(byteLength + 1) : Number.POSITIVE_INFINITY;
  }

  /** @param to a path of the application, or a URL of its storage. */
  async #ask(
    method: string,
    to: string,
    headers: Readonly<Record<string, string>> = {},
    body: Buffer = Buffer.alloc(0),
    cutAt = Number.POSITIVE_INFINITY,
  ): Promise<Answer | undefined> {
    const port = await this.#options.port();
    const { pathname, search, origin } = new URL(to, 'http://localhost');
    const base = origin === 'http://localhost' ? `http://127.0.0.1:${port}` : origin;
    const sent = request(`${base}${pathname}${search}`, {
      ...{ method, agent: false },
      headers: { 'tus-resumable': '1.0.0', 'content-length': String(body.byteLength), ...headers },
    });
    sent.on('error', () => {}); // told below, while it is waited for
    sent.setTimeout(PATIENCE_MS, () => sent.destroy(new Error('Nothing is answered.')));
    try {
      const answered = once(sent, 'response');
      answered.catch(() => {}); // told below
      if (cutAt < body.byteLength) {
        await Promise.race([
          new Promise<void>(resolve => sent.write(body.subarray(0, cutAt), () => resolve())),
          answered,
        ]);
        this.cuts += 1;
        sent.destroy();
        return undefined;
      }
      sent.end(body);
      const [response] = await answered;
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      return { status: response.statusCode, headers: response.headers, text };
    } catch {
      sent.destroy();
      return undefined; // its server was killed, or sleeps
    }
  }
}
