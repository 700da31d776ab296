import { pipeline } from 'node:stream/promises';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { BUCKET, GcsClient, generated, MiB, refusal } from '../../test/gcs-client.ts';

const gcs = await GcsClient.start();
afterAll(() => gcs.close());

const ABSENT = { preconditionOpts: { ifGenerationMatch: 0 } };
const api = `${gcs.server.endpoint}/storage/v1/b/${BUCKET}/o`;

async function generationOf(name: string): Promise<number> {
  return Number((await gcs.metadata(name)).generation);
}

/** Runs `attempt` 20 times at once and tells the winners from the statuses of the others. */
async function race(attempt: (number: number) => Promise<unknown>) {
  const statuses = await Promise.all(Array.from({ length: 20 }, (_, number) => refusal(attempt(number))));
  return {
    winners: statuses.flatMap((status, number) => (status === undefined ? [number] : [])),
    refusals: statuses.filter(status => status !== undefined),
  };
}

describe('creating with generation 0', () => {
  test.each([false, true])('refuses the second, resumable: %s', async resumable => {
    const name = `once-${resumable}`;
    await gcs.put(name, 'one', { ...ABSENT, resumable });
    expect(await refusal(gcs.put(name, 'two', { ...ABSENT, resumable }))).toBe(412);
    expect(await gcs.text(name)).toBe('one');
  });

  test('refuses a chunked stream before its first chunk', async () => {
    await gcs.put('chunked', 'original');
    const upload = gcs.file('chunked').createWriteStream({ resumable: true, chunkSize: 262144, ...ABSENT });
    expect(await refusal(pipeline(generated(MiB), upload))).toBe(412);
    expect(await gcs.text('chunked')).toBe('original');
    expect(gcs.server.pendingUploads).toBe(0);
  });

  test('is checked again when the last byte has come', async () => {
    const [uri] = await gcs.file('overtaken').createResumableUpload(ABSENT);
    await gcs.put('overtaken', 'faster', ABSENT);
    expect((await fetch(uri, { method: 'PUT', body: 'slower' })).status).toBe(412);
    expect((await fetch(uri, { method: 'PUT', headers: { 'content-range': 'bytes */*' } })).status).toBe(412);
    expect(await gcs.text('overtaken')).toBe('faster');
  });

  test.each([
    ['10 bytes', 10, false],
    ['10 bytes, resumable', 10, true],
    ['1 MiB', MiB, false],
    ['1 MiB, resumable', MiB, true],
  ])('lets one of 20 through, with its own content: %s', async (label, size, resumable) => {
    for (let round = 0; round < 3; round++) {
      const name = `race/${label}/${round}`;
      const content = (number: number) => Buffer.alloc(size, 65 + number);
      const { winners, refusals } = await race(number =>
        gcs.put(name, content(number), { ...ABSENT, resumable }),
      );
      expect(winners).toHaveLength(1);
      expect(refusals).toEqual(Array(19).fill(412));
      const [bytes] = await gcs.file(name).download();
      expect(bytes.equals(content(winners[0] ?? -1))).toBe(true);
    }
  });

  test('works again after a delete', async () => {
    await gcs.put('again', 'a', ABSENT);
    await gcs.file('again').delete();
    await gcs.put('again', 'b', ABSENT);
    expect(await gcs.text('again')).toBe('b');
  });

  test('is refused for compose, rewrite and copyTo onto an object', async () => {
    await Promise.all(['source', 'target'].map(name => gcs.put(name, name)));
    expect(
      await refusal(gcs.bucket.combine(['source', 'source'], gcs.file('target'), { ifGenerationMatch: 0 })),
    ).toBe(412);
    expect(await refusal(gcs.file('source').copy(gcs.file('target'), ABSENT))).toBe(412);
    const copy = await fetch(`${api}/source/copyTo/b/${BUCKET}/o/target?ifGenerationMatch=0`, {
      method: 'POST',
    });
    expect(copy.status).toBe(412);
    expect(await gcs.text('target')).toBe('target');
  });
});

describe('replacing a generation', () => {
  test('succeeds for the current one and is refused for a stale one', async () => {
    await gcs.put('cas', 'v1');
    const current = { preconditionOpts: { ifGenerationMatch: await generationOf('cas') } };
    await gcs.put('cas', 'v2', current);
    expect(await refusal(gcs.put('cas', 'v3', current))).toBe(412);
    expect(await gcs.text('cas')).toBe('v2');
  });

  test('lets one of 20 through', async () => {
    await gcs.put('cas-race', 'v0');
    const current = { preconditionOpts: { ifGenerationMatch: await generationOf('cas-race') } };
    const { winners, refusals } = await race(number => gcs.put('cas-race', `w${number}`, current));
    expect(winners).toHaveLength(1);
    expect(refusals).toEqual(Array(19).fill(412));
  });

  test('the delete of a stale generation is refused', async () => {
    await gcs.put('stale', 'v1');
    expect(await refusal(gcs.file('stale').delete({ ifGenerationMatch: 1 }))).toBe(412);
    expect(await gcs.text('stale')).toBe('v1');
    await gcs.file('stale').delete({ ifGenerationMatch: await generationOf('stale') });
    expect(await gcs.exists('stale')).toBe(false);
  });

  test('generations only grow', async () => {
    const generations: number[] = [];
    for (let round = 0; round < 5; round++) {
      await gcs.put('growing', String(round));
      generations.push(await generationOf('growing'));
    }
    expect(generations).toEqual([...new Set(generations)].sort((a, b) => a - b));
  });
});

describe('every condition on every operation', () => {
  let generation = 0;
  beforeEach(async () => {
    await gcs.put('object', 'content');
    generation = await generationOf('object');
  });

  const upload = `${gcs.server.endpoint}/upload/storage/v1/b/${BUCKET}/o`;
  const json = { headers: { 'content-type': 'application/json' } };
  const compose = { ...json, method: 'POST', body: '{"sourceObjects":[{"name":"object"}]}' };
  const operations: [name: string, url: string, init: RequestInit, onUnwanted: number][] = [
    ['metadata', `${api}/object?`, {}, 304],
    ['bytes', `${api}/object?alt=media&`, {}, 304],
    ['insert', `${upload}?uploadType=media&name=object&`, { method: 'POST', body: 'new' }, 412],
    ['resumable start', `${upload}?uploadType=resumable&name=object&`, { method: 'POST' }, 412],
    ['patch', `${api}/object?`, { ...json, method: 'PATCH', body: '{"cacheControl":"x"}' }, 412],
    ['update', `${api}/object?`, { ...json, method: 'PUT', body: '{"cacheControl":"x"}' }, 412],
    ['delete', `${api}/object?`, { method: 'DELETE' }, 412],
    ['rewrite', `${api}/object/rewriteTo/b/${BUCKET}/o/object?`, { method: 'POST' }, 412],
    ['copy', `${api}/object/copyTo/b/${BUCKET}/o/object?`, { method: 'POST' }, 412],
    ['compose', `${api}/object/compose?`, compose, 412],
  ];

  test.each(operations)('%s', async (_, url, init, onUnwanted) => {
    const ask = async (condition: string, value: number | string) =>
      (await fetch(`${url}${condition}=${value}`, init)).status;
    expect(await ask('ifGenerationMatch', 1)).toBe(412);
    expect(await ask('ifMetagenerationMatch', 2)).toBe(412);
    expect(await ask('ifGenerationNotMatch', generation)).toBe(onUnwanted);
    expect(await ask('ifMetagenerationNotMatch', 1)).toBe(onUnwanted);
    expect(await ask('ifGenerationMatch', 'x')).toBe(400);
    expect(await ask('ifGenerationMatch', '-1')).toBe(400);
    expect(await generationOf('object')).toBe(generation);
    expect((await gcs.metadata('object')).metageneration).toBe('1');
    expect(await ask('ifMetagenerationMatch=1&ifGenerationMatch', generation)).toBeLessThan(300);
  });

  test.each(['rewriteTo', 'copyTo'])('%s has conditions on its source', async action => {
    const ask = async (condition: string, value: number) => {
      const url = `${api}/object/${action}/b/${BUCKET}/o/copied?${condition}=${value}`;
      return (await fetch(url, { method: 'POST' })).status;
    };
    expect(await ask('ifSourceGenerationMatch', 1)).toBe(412);
    expect(await ask('ifSourceGenerationNotMatch', generation)).toBe(412);
    expect(await ask('ifSourceMetagenerationMatch', 2)).toBe(412);
    expect(await ask('ifSourceMetagenerationNotMatch', 1)).toBe(412);
    expect(await ask('sourceGeneration', 1)).toBe(404);
    expect(await gcs.exists('copied')).toBe(false);
    expect(await ask('ifSourceGenerationMatch', generation)).toBe(200);
    await gcs.file('copied').delete();
  });

  test('compose has conditions on each source', async () => {
    const ask = (source: object) =>
      fetch(`${api}/composed/compose`, {
        ...json,
        method: 'POST',
        body: JSON.stringify({ sourceObjects: [{ name: 'object', ...source }] }),
      });
    expect((await ask({ objectPreconditions: { ifGenerationMatch: 1 } })).status).toBe(412);
    expect((await ask({ generation: 1 })).status).toBe(404);
    expect((await ask({ objectPreconditions: { ifGenerationMatch: String(generation) } })).status).toBe(200);
  });
});
