import { toNodeHandler } from '@fieldfile/http/node';
import express from 'express';
import { files } from './files.js';

const app = express();
app.use('/files', toNodeHandler(files)); // before body parsers
app.listen(process.env.PORT ?? 3000);
