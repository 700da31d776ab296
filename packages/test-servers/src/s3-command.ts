import { parseArgs } from 'node:util';
import { startS3Server } from './s3.ts';

// Runs the server in a process of its own: `s3-command.ts [--port N] [--bucket NAME]… [--directory PATH]`. What a
// client needs is one line of JSON on standard output, and the first message to a parent with an IPC channel.
const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    bucket: { type: 'string', multiple: true },
    directory: { type: 'string' },
  },
});
const server = await startS3Server({
  port: Number(values.port ?? 0),
  buckets: values.bucket ?? [],
  ...(values.directory === undefined ? {} : { directory: values.directory }),
});
const { endpoint, accessKeyId, secretAccessKey, region, readOnlyCredentials } = server;
const ready = { endpoint, accessKeyId, secretAccessKey, region, readOnlyCredentials };
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
