import { createServer } from 'node:http';
import { toNodeHandler } from '@fieldfile/http/node';
import { files } from './files.js';

createServer(toNodeHandler(files)).listen(process.env.PORT ?? 3000);
