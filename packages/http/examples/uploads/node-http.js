import { createServer } from 'node:http';
import { toNodeHandler } from '@fieldfile/http/node';
import { receiveDocument } from './uploads.js';

createServer(toNodeHandler(receiveDocument)).listen(process.env.PORT ?? 3000);
