import { toNodeHandler } from '@fieldfile/http/node';
import express from 'express';
import { receiveDocument } from './uploads.js';

const app = express();
app.use('/uploads', toNodeHandler(receiveDocument)); // before body parsers
app.use(express.json());
app.listen(process.env.PORT ?? 3000);
