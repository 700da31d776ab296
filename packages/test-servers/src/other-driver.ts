import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { BindingContractOptions } from '@fieldfile/conformance/binding';
import type { ContractDatabaseName } from './contracts.ts';

/** A driver that no test installs. `npm run drivers` installs it into a temporary folder, and runs the binding contract with it. */
export interface OtherDriver {
  /** `Drizzle on PostgreSQL (PGlite)`. */
  readonly name: string;
  readonly database: ContractDatabaseName;
  /** What npm installs for it, with versions. */
  readonly packages: readonly string[];
  /** Default: Node. */
  readonly runtime?: 'bun';
  readonly lacks: NonNullable<BindingContractOptions['lacks']>;
  /** The message of a failure that tells of the contract, which wants what the driver has not, and no mistake. */
  readonly cannotBeAsked?: string;
  /** Makes the binding, which refuses the driver: nothing else is run. */
  refused?(): Promise<unknown>;
  /** @returns what opens a database for one behaviour. */
  start?(): Promise<StartedDriver>;
}

export interface StartedDriver extends AsyncDisposable {
  // biome-ignore lint/suspicious/noExplicitAny: each library has rows of its own
  readonly open: BindingContractOptions<any, any>['open'];
}

/** A module that is installed when it is needed. */
export async function loaded<T>(specifier: string): Promise<T> {
  return (await import(specifier)) as T;
}

/** Neon's driver. */
export interface Neon extends AsyncDisposable {
  connect(connectionString: string, max: number): NeonPool;
}

export interface NeonPool {
  on(event: 'error', listener: () => void): NeonPool;
  on(event: 'connect', listener: (client: Pick<NeonPool, 'on'>) => void): NeonPool;
  end(): Promise<void>;
}

interface NeonPackage {
  readonly neonConfig: object;
  readonly Pool: new (options: { readonly connectionString: string; readonly max: number }) => NeonPool;
}

interface WebSockets {
  readonly WebSocketServer: new (options: {
    readonly server: Server;
  }) => {
    on(event: 'connection', listener: (socket: Socket, request: { readonly url?: string }) => void): unknown;
  };
  readonly WebSocket: unknown;
}

interface Socket {
  on(event: 'message', listener: (data: Buffer) => void): unknown;
  on(event: 'close' | 'error', listener: () => void): unknown;
  send(data: Buffer): void;
  close(): void;
}

/** Neon's driver, on any PostgreSQL: a proxy takes its WebSockets to the server. */
export async function startNeon(): Promise<Neon> {
  const { WebSocketServer, WebSocket } = await loaded<WebSockets>('ws');
  const server = createServer();
  new WebSocketServer({ server }).on('connection', (socket, { url = '/' }) => {
    const address = new URL(url, 'http://localhost').searchParams.get('address') ?? '';
    const [host = '', port = ''] = address.split(':');
    const upstream = connect(Number(port), host);
    upstream.on('data', data => socket.send(data));
    upstream.on('close', () => socket.close());
    upstream.on('error', () => socket.close());
    socket.on('message', data => upstream.write(data));
    socket.on('close', () => upstream.destroy());
    socket.on('error', () => upstream.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const neon = await loaded<NeonPackage>('@neondatabase/serverless');
  Object.assign(neon.neonConfig, {
    webSocketConstructor: WebSocket,
    wsProxy: (host: string, target: string) => `127.0.0.1:${port}/?address=${host}:${target}`,
    useSecureWebSocket: false,
    pipelineConnect: false,
    pipelineTLS: false,
  });
  return {
    connect(connectionString, max) {
      const pool = new neon.Pool({ connectionString, max });
      return pool.on('error', () => {}).on('connect', client => client.on('error', () => {})); // the contract cuts connections
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
