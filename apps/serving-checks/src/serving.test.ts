import { equal, ok } from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { allChecks } from './all-checks.ts';
import { ours } from './servers/ours.ts';
import { type Place, storages } from './servers/storages.ts';
import type { Site } from './site.ts';

test('the checks are many, and the classic ones are among them', () => {
  ok(allChecks.length >= 60, `${allChecks.length}`);
  ok(allChecks.filter(({ isClassic }) => isClassic).length >= 34);
  equal(new Set(allChecks.map(({ title }) => title)).size, allChecks.length);
});

for (const [name, open] of Object.entries(storages))
  describe(`serving from ${name}`, () => {
    let place: Place;
    let site: Site;
    beforeAll(async () => {
      place = await open();
      site = await ours(place.storage);
    });
    afterAll(async () => {
      await site[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });
    for (const { title, run } of allChecks) test(title, () => run(site));
  });
