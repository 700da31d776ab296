import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { files } from './files.js';

const app = new Hono();
app.all('/files/*', context => files(context.req.raw));
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
