import { connect, createServer, type Server, type Socket } from 'node:net';

/** When a COMMIT is lost: before the server has it, or after it was carried out and before the client knows. */
export type LostCommit = 'before' | 'after';

export interface CommitProxyOptions {
  /** The server's socket, where it listens on no port. */
  readonly socketPath?: string | undefined;
}

interface Plan {
  lose: LostCommit | undefined;
  lost: number;
}

/** Stands between a client and PostgreSQL, MariaDB or MySQL, and can break the connection in the middle of a COMMIT. */
export class CommitProxy implements AsyncDisposable {
  /** Of the same database, through the proxy. */
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #plan: Plan;

  private constructor(url: string, server: Server, sockets: Set<Socket>, plan: Plan) {
    this.url = url;
    this.#server = server;
    this.#sockets = sockets;
    this.#plan = plan;
  }

  static async start(url: string, { socketPath }: CommitProxyOptions = {}): Promise<CommitProxy> {
    const target = new URL(url);
    const isPostgres = target.protocol.startsWith('postgres');
    const port = Number(target.port || (isPostgres ? 5432 : 3306));
    const sockets = new Set<Socket>();
    const plan: Plan = { lose: undefined, lost: 0 };
    const server = createServer(client => {
      const upstream = socketPath ? connect(socketPath) : connect(port, target.hostname);
      const pair = [client, upstream];
      const cut = (): void => {
        for (const socket of pair) socket.destroy();
      };
      for (const socket of pair) {
        sockets.add(socket);
        socket
          .setNoDelay()
          .on('error', cut)
          .on('close', () => {
            sockets.delete(socket);
            cut();
          });
      }
      let losing = false;
      client.on('data', (chunk: Buffer) => {
        const commits = plan.lose !== undefined && /\bcommit\b/i.test(chunk.toString('latin1'));
        if (!commits) return void upstream.write(chunk);
        const { lose } = plan;
        plan.lose = undefined;
        plan.lost++;
        // The client learns of it when the server has rolled back: else what follows would meet its locks.
        if (lose === 'before') return void upstream.end();
        losing = true;
        upstream.write(chunk);
      });
      upstream.on('data', (chunk: Buffer) => {
        if (!losing) return void client.write(chunk);
        // The command's tag tells that it was carried out; MySQL's only answer is that.
        if (!isPostgres || chunk.includes('COMMIT\0')) cut();
        else client.write(chunk);
      });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('The system gave no port.');
    const own = new URL(url);
    own.hostname = '127.0.0.1';
    own.port = String(address.port);
    return new CommitProxy(own.href, server, sockets, plan);
  }

  /** How many COMMITs were lost. */
  get lost(): number {
    return this.#plan.lost;
  }

  /** The next COMMIT loses its connection. */
  loseCommit(when: LostCommit): void {
    this.#plan.lose = when;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise(resolve => this.#server.close(resolve));
  }
}
