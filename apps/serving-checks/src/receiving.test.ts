import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accepted } from './receiving/accepted.ts';
import { exchange } from './receiving/exchange.ts';
import { file, form, request } from './receiving/form.ts';
import { hostile } from './receiving/hostile.ts';
import { uploadSite } from './receiving/site.ts';
import { type Place, storages } from './servers/storages.ts';
import type { Site } from './site.ts';

for (const name of ['memory', 'disk'])
  describe(`uploads to ${name}`, () => {
    let place: Place;
    let site: Site;
    beforeAll(async () => {
      const start = storages[name];
      if (!start) throw new Error(`There is no storage ${name}.`);
      place = await start();
      site = await uploadSite(place.storage);
    });
    afterAll(async () => {
      await site[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });

    test.each(accepted)('$title', async ({ sent, told }) => {
      const { status, body } = await exchange(site.port, [sent]);
      expect([status, JSON.parse(body)]).toMatchObject([200, told]);
      expect(await Array.fromAsync(place.storage.list())).toEqual([]);
    });

    test.each(hostile)('$title: $status', async ({ status, code, sent }) => {
      expect(await exchange(site.port, sent())).toMatchObject(code ? { status, code } : { status });
      expect(await Array.fromAsync(place.storage.list())).toEqual([]);
      const next = await exchange(site.port, [request(form(file('paper', 'next.txt')))]);
      expect(next).toMatchObject({ status: 200, body: expect.stringContaining('"originalName":"next.txt"') });
      expect(await Array.fromAsync(place.storage.list())).toEqual([]);
    });
  });
