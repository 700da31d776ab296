import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineFiles, model, type Storage } from '@fieldfile/core';
import type { Binding } from '@fieldfile/core/binding';
import { sweep } from '@fieldfile/core/journal';
import { FileSystemStorage } from '@fieldfile/fs';
import { S3Storage } from '@fieldfile/s3';
import { BUCKET, type S3Service, serviceOf } from '../cloud/servers.ts';

export interface SweepFigures {
  readonly objects: number;
  readonly rows: number;
  readonly orphans: number;
  readonly missing: number;
  readonly seconds: number;
  readonly objectsPerSecond: number;
  /** Above what the process had before, at its highest. */
  readonly rssMiB: number;
}

interface FileRow {
  id: number;
  file: string | null;
}

export async function sweepOnce(folder: string, kind: 'fs' | 's3'): Promise<SweepFigures> {
  const storage = kind === 'fs' ? new FileSystemStorage({ root: join(folder, 'objects') }) : await s3(folder);
  using database = new DatabaseSync(join(folder, 'rows.sqlite'), { readOnly: true });
  const { file } = defineFiles(model<FileRow>()('files', 'id'), { file: { storage } }, bindingOf(database));
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const start = performance.now();
  const report = await sweep({ storage, fields: [file], graceSeconds: -60 });
  const seconds = (performance.now() - start) / 1000;
  const { objects, rows, orphans, missing } = report;
  return {
    ...{ objects, rows, orphans, missing },
    seconds: Number(seconds.toFixed(2)),
    objectsPerSecond: Math.round(objects / seconds),
    rssMiB: Math.round((process.resourceUsage().maxRSS * 1024 - before) / 1024 ** 2),
  };
}

async function s3(folder: string): Promise<Storage> {
  const { endpoint, region, accessKeyId, secretAccessKey } = await serviceOf<S3Service>(folder);
  return new S3Storage({
    bucketName: BUCKET,
    endpointUrl: endpoint,
    regionName: region,
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
  });
}

function bindingOf(database: DatabaseSync): Binding<FileRow> {
  const referenced = database.prepare('SELECT 1 FROM files WHERE file = ? LIMIT 1');
  const page = database.prepare('SELECT id, file FROM files WHERE file > ? ORDER BY file LIMIT ?');
  const unused = (): never => {
    throw new Error('A sweep that only reports writes no rows.');
  };
  return {
    key: ({ id }) => ({ id }),
    load: unused,
    update: unused,
    isReferenced: async (_field, name) => referenced.get(name) !== undefined,
    isAnyReferenced: async (_field, names) => names.some(name => referenced.get(name) !== undefined),
    names: async (_field, { after = '', limit }) =>
      page.all(after, limit).map(row => ({ key: { id: row.id }, name: row.file as string })),
  };
}
