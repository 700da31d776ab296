import { parseArgs } from 'node:util';
import { startGcsServer } from './gcs.ts';

// Runs the server in a process of its own: `gcs-command.ts [--port N] [--bucket NAME]…`. What a client needs is one
// line of JSON on standard output, and the first message to a parent with an IPC channel.
const { values } = parseArgs({
  options: { port: { type: 'string' }, bucket: { type: 'string', multiple: true } },
});
const server = await startGcsServer({
  port: Number(values.port ?? 0),
  buckets: values.bucket ?? [],
});
const { endpoint, projectId, credentials, accessToken, readOnlyAccessToken } = server;
const ready = { endpoint, projectId, credentials, accessToken, readOnlyAccessToken };
process.stdout.write(`${JSON.stringify(ready)}\n`);
process.send?.(ready);

// A server does not outlive the process that started it.
process.once('disconnect', () => server.close());
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    if (process.connected) process.disconnect();
    else void server.close();
  });
}
