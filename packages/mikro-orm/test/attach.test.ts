import { file } from '@fieldfile/core';
import { SqlJournal } from '@fieldfile/core/journal';
import { PostgresDialect } from 'kysely';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { MikroOrmFiles, sqlExecutor } from '../src/index.ts';
import { databases } from './photo-orm.ts';
