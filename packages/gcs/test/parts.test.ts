import { storageParts } from '@fieldfile/storage/parts';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { afterAll, expect, test } from 'vitest';
import { GcsStorage } from '../src/storage.ts';

const server = await startGcsServer({ requireAuthorization: true });
afterAll(() => server.close());

test.each([33, 70])(
  '%i parts, more than one request composes, are one object, and nothing else is left',
  async count => {
    const bucketName = `parts-${count}`;
    const client = await connect(server);
    await client.createBucket(bucketName);
    await using storage = new GcsStorage({ bucketName, client, location: 'tenants/7' });
    const parts = storageParts(storage);
    if (!parts) throw new Error('There are no parts.');
    const write = await parts.begin('many.txt');
    const texts = Array.from({ length: count }, (_, index) => `part ${index};`);
    let offset = 0;
    const stored = [];
    for (const [index, text] of texts.entries()) {
      stored.push(await parts.writePart(write, { number: 2 * index + 1, offset }, text));
      offset += text.length;
    }
    const info = await parts.complete(write, stored);
    expect(info.sizeBytes).toBe(offset);
    await using opened = await storage.open('many.txt');
    expect(await opened.text()).toBe(texts.join(''));
    const [files] = await client.bucket(bucketName).getFiles();
    expect(files.map(({ name }) => name)).toEqual(['tenants/7/many.txt']);
  },
);
