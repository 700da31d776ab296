import type { RequestListener } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { FileSystemStorage } from '@fieldfile/fs';
import { nameOf, serve } from '@fieldfile/http';
import { toNodeHandler } from '@fieldfile/http/node';
import { S3Storage } from '@fieldfile/s3';
import type { Storage } from '@fieldfile/storage';
import { BUCKET, connect, PIPED } from './servers/bench-s3.ts';
import { listen } from './servers/listen.ts';
import { rivals } from './servers/rivals.ts';

// bench-server.ts SERVER ROOT|SERVICE: serves a folder, or the bucket of an S3 service that is described as JSON. Tells its
// parent the port, and at each message the CPU time used so far, in ms.

const [server = '', place = ''] = process.argv.slice(2);

async function listener(): Promise<RequestListener> {
  const rival = rivals[server];
  if (rival) return rival(place);
  if (!place.startsWith('{')) return fieldFile(new FileSystemStorage({ root: place }));
  const { endpoint, client } = connect(place);
  if (server === PIPED) return piped(client);
  return fieldFile(new S3Storage({ bucketName: BUCKET, endpointUrl: endpoint, client }));
}

const fieldFile = (storage: Storage): RequestListener =>
  toNodeHandler(request => serve(request, { storage, name: nameOf(request, '/') }));

/** The least that can be done: the SDK's body as it comes. */
function piped(client: S3Client): RequestListener {
  return async (request, response) => {
    const Key = new URL(`http://a${request.url}`).pathname.slice(1);
    const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    response.writeHead(200, { 'content-length': ContentLength });
    await pipeline(Body as Readable, response);
  };
}

const site = await listen(await listener());
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1000);
});
process.once('disconnect', () => process.exit());
process.send?.(site.port);
