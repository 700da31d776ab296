import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { type MemoryOrder, OWNERSHIPS, type Ownership } from './memory-view.ts';

const CHILD = fileURLToPath(new URL('./memory-child.ts', import.meta.url));
const FLAGS = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];

/** Rows that nothing releases take at most so much, in each of two processes. */
const MAX_BYTES = Math.min(1024 ** 3, process.availableMemory() / 4);

/** The memory lab: three processes at once, and what each tells of itself as it goes. */
export function memoryRoutes(): Hono {
  const routes = new Hono();
  routes.get('/api/memory', context => {
    const order = orderOf(context.req.query());
    const { signal } = context.req.raw;
    return streamSSE(context, async stream => {
      const told = (line: string): Promise<void> => stream.writeSSE({ data: line });
      await Promise.all(OWNERSHIPS.map(ownership => run(ownership, order, signal, told)));
      await stream.writeSSE({ event: 'end', data: '' });
    });
  });
  return routes;
}

function orderOf(query: Readonly<Record<string, string>>): MemoryOrder {
  const rowBytes = Math.min(100 * 1024 ** 2, Math.max(1024, Math.floor(Number(query.rowBytes)) || 1024));
  const most = Math.min(10_000, Math.floor(MAX_BYTES / rowBytes));
  const rows = Math.min(most, Math.max(1, Math.floor(Number(query.rows)) || 1));
  return { rows, rowBytes, held: query.held === 'true' };
}

/** The process ends with whoever looks at it. */
async function run(
  ownership: Ownership,
  order: MemoryOrder,
  signal: AbortSignal,
  told: (line: string) => Promise<void>,
): Promise<void> {
  const child = spawn(process.execPath, [...FLAGS, CHILD, ownership, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    for await (const line of createInterface({ input: child.stdout })) await told(line);
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}
