import { spawn } from 'node:child_process';
import { mkdtempDisposableSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Storage } from '@fieldfile/core';
import { recover } from '@fieldfile/core/journal';
import { load } from '@fieldfile/test-servers/load';
import { expect, test } from 'vitest';
import type { ClaimerOrder } from './claimer.ts';
import { compare } from './compare.ts';
import { Documents } from './documents.ts';
import { makeWorld } from './places.ts';
import { openBackend, openDatabase, openJournal } from './world.ts';

const CLEAN = { rowsWithoutObject: [], objectsWithoutRow: [], wrongContent: [], lost: [], refused: [] };

/** Runs one process to its end, or to where it kills itself. @returns what it printed. */
async function claimed(order: ClaimerOrder): Promise<{ readonly out: string; readonly complaints: string }> {
  const path = fileURLToPath(new URL('./claimer.ts', import.meta.url));
  const options = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning', path];
  const child = spawn(process.execPath, [...options, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { out, complaints };
}

test.each(['sqlite', 'postgresql'] as const)(
  'processes killed at each step of a claim leave nothing but what rows name: %s',
  async database => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-claims-'));
    await using place = await makeWorld(database, 'fs', folder.path);
    const { world } = place;
    const whole = await claimed({ world, name: 'whole', killAt: 0 });
    expect(whole).toMatchObject({ out: expect.stringMatching(/^done \d+/), complaints: '' });
    const moments = Number(whole.out.split(' ')[1]);
    expect(moments).toBeGreaterThan(60);
    const step = load({ test: 6, ci: 3, deep: 1 });
    const kills = Array.from({ length: Math.floor(moments / step) }, (_, index) => index * step + 1).values();
    const complaints: string[] = [];
    const worker = async (): Promise<void> => {
      for (const killAt of kills) {
        const run = await claimed({ world, name: `killed-${killAt}`, killAt });
        complaints.push(run.complaints);
      }
    };
    await Promise.all([worker(), worker()]);
    expect(complaints.filter(one => one !== '')).toEqual([]);

    await using connection = await openDatabase(world);
    const journal = openJournal(world, connection);
    const storage = new Storage(await openBackend(world));
    const documents = new Documents({ database: connection, journal, storage });
    while ((await journal.entries()).some(({ setAside }) => !setAside)) {
      await recover(journal, { backOffSeconds: 0.05 });
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    expect(await journal.entries()).toEqual([]);
    expect(await compare(documents, storage, [])).toEqual(CLEAN);
    const { storage: kept } = world;
    if (kept.kind !== 'fs') return;
    const internal = readdirSync(join(kept.root, '.fieldfile')).filter(name => /^[0-9a-f]{32}/.test(name));
    expect(internal).toEqual([]);
  },
);
