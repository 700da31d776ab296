import 'reflect-metadata';
import { toNodeHandler } from '@fieldfile/http/node';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { receiveDocument } from '../uploads/uploads.js';

class AppModule {}
Module({})(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
app.use('/uploads', toNodeHandler(receiveDocument)); // on its Express adapter, before body parsers
await app.listen(process.env.PORT ?? 3000);
