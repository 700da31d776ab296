import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { receiveDocument } from './uploads.js';

const app = new Hono();
app.all('/uploads', context => receiveDocument(context.req.raw)); // not parseBody()
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
