import { request } from 'node:http';

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** A server with the files of `files.ts` at its root. */
export interface Site extends AsyncDisposable {
  readonly port: number;
  /** A host that the server was told is for files alone; undefined where it knows no such thing. */
  readonly fileHost?: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends the path as it is, dot segments included. Rejects where the answer is shorter than it says. */
export function ask(
  { port }: Site,
  path: string,
  { method = 'GET', headers = {} }: Ask = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false, timeout: 10_000 });
    sent.once('error', reject).once('timeout', () => sent.destroy(new Error('There was no answer.')));
    sent.once('response', response => {
      const chunks: Buffer[] = [];
      response.on('data', chunk => chunks.push(chunk)).once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers as Answer['headers'],
          body: Buffer.concat(chunks),
        }),
      );
    });
    sent.end();
  });
}
