import 'reflect-metadata';
import { toNodeHandler } from '@fieldfile/http/node';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { files } from '../files.js';

class AppModule {}
Module({})(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
app.use('/files', toNodeHandler(files)); // on its Express adapter, before body parsers
await app.listen(process.env.PORT ?? 3000);
