import { parseArgs } from 'node:util';
import { startS3Server } from './s3.ts';

// Runs the S3 server as a process of its own until it is told to stop; prints what a client needs as one line of JSON.
const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    bucket: { type: 'string', multiple: true, default: [] },
    'access-key': { type: 'string' },
    'secret-key': { type: 'string' },
    directory: { type: 'string' },
  },
});
const server = await startS3Server({
  buckets: values.bucket,
  ...(values.port === undefined ? {} : { port: Number(values.port) }),
  ...(values['access-key'] === undefined ? {} : { accessKeyId: values['access-key'] }),
  ...(values['secret-key'] === undefined ? {} : { secretAccessKey: values['secret-key'] }),
  ...(values.directory === undefined ? {} : { directory: values.directory }),
});
const { endpoint, accessKeyId, secretAccessKey, region } = server;
console.log(JSON.stringify({ endpoint, accessKeyId, secretAccessKey, region }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close());
