import { toNodeHandler } from '@fieldfile/http/node';
import fastify from 'fastify';
import { files } from './files.js';

const app = fastify();
const handler = toNodeHandler(files);
app.all('/files/*', (request, reply) => {
  reply.hijack();
  return handler(request.raw, reply.raw);
});
await app.listen({ port: Number(process.env.PORT ?? 3000) });
