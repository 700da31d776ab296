import { mkdirSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { BUCKET, s3Configuration } from '../cloud/servers.ts';
import { atOnce } from '../measure.ts';

/** One object in a hundred has no row, and one row in a hundred has no object. */
const isOrphan = (index: number): boolean => index % 100 === 7;
const isMissing = (index: number): boolean => index % 100 === 70;

const folderOf = (index: number): string => `folder-${String(Math.floor(index / 1000)).padStart(6, '0')}`;
const nameOf = (index: number): string => `${folderOf(index)}/object-${String(index).padStart(9, '0')}.bin`;

export async function fillFolder(root: string, objects: number): Promise<void> {
  for (let index = 0; index < objects; index++) {
    if (index % 1000 === 0) mkdirSync(`${root}/${folderOf(index)}`, { recursive: true });
    if (!isMissing(index)) writeFileSync(`${root}/${nameOf(index)}`, 'x');
  }
}

export async function fillS3(folder: string, objects: number): Promise<void> {
  using client = disposable(new S3Client(await s3Configuration(folder)));
  const names = Array.from({ length: objects }, (_, index) => (isMissing(index) ? '' : nameOf(index)));
  await atOnce(names.filter(Boolean), 32, Key =>
    client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' })),
  );
}

const disposable = (client: S3Client): S3Client & Disposable =>
  Object.assign(client, { [Symbol.dispose]: () => client.destroy() });

export function fillTable(path: string, objects: number): void {
  using database = new DatabaseSync(path);
  database.exec('CREATE TABLE files (id INTEGER PRIMARY KEY, file TEXT); BEGIN');
  const insert = database.prepare('INSERT INTO files (id, file) VALUES (?, ?)');
  for (let index = 0; index < objects; index++) if (!isOrphan(index)) insert.run(index, nameOf(index));
  database.exec('COMMIT; CREATE INDEX files_file ON files (file)');
}
