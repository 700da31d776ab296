import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClaimServerOrder } from './claim-server.ts';
import type { Random } from './random.ts';
import type { RecovererOrder } from './recoverer.ts';
import type { World } from './world.ts';

/** A process of the application, which is started anew when it is killed. */
interface Replica {
  readonly kind: 'server' | 'recoverer';
  child: ChildProcess;
  /** Where a server listens; undefined while it starts. */
  port: number | undefined;
  isReady: boolean;
}

export interface ReplicasOptions {
  readonly world: World;
  readonly servers: number;
  readonly recoverers: number;
  readonly keepSeconds: number;
}

/** What was done to the processes so far. */
export interface Harm {
  readonly kills: number;
  readonly stops: number;
}

const EXEC_ARGV = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];

const pathOf = (program: string): string => fileURLToPath(new URL(program, import.meta.url));

/** Servers and recovering processes of one application, which are killed and stopped at any moment. */
export class Replicas implements AsyncDisposable {
  readonly #options: ReplicasOptions;
  readonly #all: Replica[] = [];
  readonly #starting = new Set<Promise<void>>();
  readonly #stopped = new Set<ChildProcess>();
  #kills = 0;
  #stops = 0;

  private constructor(options: ReplicasOptions) {
    this.#options = options;
  }

  static async start(options: ReplicasOptions): Promise<Replicas> {
    const started = new Replicas(options);
    const kinds = [
      ...Array.from({ length: options.servers }, () => 'server' as const),
      ...Array.from({ length: options.recoverers }, () => 'recoverer' as const),
    ];
    await Promise.all(kinds.map(kind => started.#begin(kind)));
    return started;
  }

  get harm(): Harm {
    return { kills: this.#kills, stops: this.#stops };
  }

  /** One of the servers that listen, also one that is stopped. Waits while there is none. */
  async port(random: Random): Promise<number> {
    for (;;) {
      const [first, ...others] = this.#all.flatMap(({ port }) => (port === undefined ? [] : [port]));
      if (first !== undefined) return random.pick([first, ...others]);
      await Promise.race(this.#starting);
    }
  }

  /** Kills one of them that is at work, and starts it again. */
  async kill(random: Random): Promise<void> {
    const [first, ...others] = this.#all.filter(({ isReady }) => isReady);
    if (!first) return;
    const replica = random.pick([first, ...others]);
    replica.isReady = false;
    await killed(replica.child);
    this.#stopped.delete(replica.child);
    this.#kills += 1;
    await this.#launch(replica);
  }

  /** Has one of them sleep in the midst of what it does. */
  async stop(random: Random, milliseconds: number): Promise<void> {
    const child = this.#all[random.below(this.#all.length)]?.child;
    if (!child || this.#stopped.has(child)) return;
    this.#stopped.add(child);
    child.kill('SIGSTOP');
    await new Promise(resolve => setTimeout(resolve, milliseconds));
    child.kill('SIGCONT');
    if (this.#stopped.delete(child)) this.#stops += 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map(({ child }) => killed(child)));
  }

  async #begin(kind: Replica['kind']): Promise<void> {
    const replica = { kind, child: this.#fork(kind), port: undefined, isReady: false };
    this.#all.push(replica);
    await this.#started(replica);
  }

  async #launch(replica: Replica): Promise<void> {
    replica.port = undefined;
    replica.child = this.#fork(replica.kind);
    await this.#started(replica);
  }

  async #started(replica: Replica): Promise<void> {
    const starting = this.#ready(replica);
    this.#starting.add(starting);
    await starting;
    this.#starting.delete(starting);
  }

  #fork(kind: Replica['kind']): ChildProcess {
    const { world, keepSeconds } = this.#options;
    const order: ClaimServerOrder | RecovererOrder =
      kind === 'server' ? { world, keepSeconds } : { world, plans: {}, mutation: undefined };
    const program = pathOf(kind === 'server' ? './claim-server.ts' : './recoverer.ts');
    // A recoverer lives as long as its standard input, and says on its output that it is ready.
    const stdio =
      kind === 'server' ? ['ignore', 'inherit', 'inherit', 'ipc'] : ['pipe', 'pipe', 'inherit', 'ipc'];
    return fork(program, [JSON.stringify(order)], { execArgv: EXEC_ARGV, stdio: stdio as [] });
  }

  async #ready(replica: Replica): Promise<void> {
    const { kind, child } = replica;
    const exit = once(child, 'exit').then(() => [undefined]);
    const told = kind === 'server' ? once(child, 'message') : once(child.stdout ?? child, 'data');
    const [port] = (await Promise.race([told, exit])) as [number | undefined];
    if (kind === 'server') replica.port = port;
    replica.isReady = true;
  }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
