import { connect } from 'node:net';

/** An answer as it came over the connection. */
export interface Answered {
  readonly status: number;
  /** Of its problem details. */
  readonly code: string | undefined;
  readonly head: string;
  readonly body: string;
}

/** What is sent: bytes, and between them what is waited for. */
export type Sent = Buffer | string | (() => Promise<unknown>);

/** Sends these bytes as they are, and reads one answer. The connection is closed then, whoever still has something to say. */
export async function exchange(port: number, sent: Iterable<Sent>): Promise<Answered> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  const answer = new Promise<Answered>((resolve, reject) => {
    const look = (isOver = false): void => {
      const found = answerIn(text, isOver);
      if (found) resolve(found);
    };
    socket.setEncoding('latin1').on('data', chunk => {
      text += chunk;
      look();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      look(true);
      reject(new Error(`Closed without an answer: ${JSON.stringify(text)}`));
    });
  });
  answer.catch(() => {}); // awaited below
  try {
    for (const one of sent)
      if (typeof one === 'function') await Promise.race([one(), answer]);
      else await written(socket, one);
    return await answer;
  } finally {
    socket.destroy();
  }
}

/** Or not, where the server has closed: its answer tells. */
function written(socket: ReturnType<typeof connect>, bytes: Buffer | string): Promise<void> {
  return new Promise(resolve => {
    socket.write(bytes, () => resolve());
  });
}

/** @param isOver nothing more will come. */
function answerIn(text: string, isOver: boolean): Answered | undefined {
  const final = text.replace(/^HTTP\/1\.1 1\d\d[\s\S]*?\r\n\r\n/, '');
  const end = final.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = final.slice(0, end + 2);
  const body = final.slice(end + 4);
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
  const isWhole = length === undefined ? isOver || body.endsWith('0\r\n\r\n') : body.length >= Number(length);
  if (!isWhole) return undefined;
  const code = /"code":"([\w-]+)"/.exec(body)?.[1];
  return { status: Number(head.split(' ')[1]), code, head, body: Buffer.from(body, 'latin1').toString() };
}
