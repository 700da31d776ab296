import { toNodeHandler } from '@fieldfile/http/node';
import fastify from 'fastify';
import { receiveDocument } from './uploads.js';

const app = fastify();
const handler = toNodeHandler(receiveDocument);
app.register(async scope => {
  // In this scope nothing reads a body before the handler does.
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _body, done) => done(null));
  scope.all('/uploads', (request, reply) => {
    reply.hijack();
    return handler(request.raw, reply.raw);
  });
});
await app.listen({ port: Number(process.env.PORT ?? 3000) });
