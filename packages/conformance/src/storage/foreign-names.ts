import assert from 'node:assert/strict';
import { isFieldFileError, withPrefix } from '@fieldfile/storage';
import { newWriteId, type ObjectName, toSource } from '@fieldfile/storage/backend';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

/** Names that no storage takes, and every service can hold. */
const NAMELESS = ['C:/x.txt', 'C:/folder/y.txt', 'd:z.txt'];

/** What some system takes for the folder `.kept`. */
const taken = (segment: string): readonly string[] => {
  const short = segment.replace(/^\.+/, '').slice(0, 6).toUpperCase();
  return [
    segment,
    segment.toUpperCase(),
    `${segment}.`,
    `${segment} `,
    `${segment}::$INDEX_ALLOCATION`,
    `${short}~1`,
  ];
};

/** What Windows opens as something else than a file of that name. */
const DEVICES = ['con', 'CON.txt', 'nul', 'aux/a.txt', 'a/LPT1', 'a.txt::$DATA'];

/** S7, S8: names that others made, and names that other systems read otherwise. */
export const foreignNames: readonly StorageBehaviour[] = [
  {
    id: 'S8.nameless',
    title: 'passes by what others made that has no name here, also below a prefix',
    async run(context) {
      for (const name of NAMELESS) await plant(context, name);
      await context.storage.save('folder/C:/y.txt', 'has a name, but none below the folder');
      await context.storage.save('folder/a.txt', 'a');
      await context.holds(['folder/C:/y.txt', 'folder/a.txt']);
      assert.deepEqual(await context.storage.listdir(), { folders: ['folder'], files: [] });
      assert.deepEqual(await context.names('C'), []);
      const below = context.around(withPrefix(context.backend, 'folder'));
      assert.deepEqual(await context.names('', below), ['a.txt']);
      assert.deepEqual(await below.listdir(), { folders: [], files: ['a.txt'] });
      if (!context.subject.plant)
        for (const name of NAMELESS) await context.backend.remove(name as ObjectName);
    },
  },
  {
    id: 'S7.delete-many-refused',
    title: 'deletes the others when one of many is no name, and tells which',
    async run(context) {
      const { storage } = context;
      for (const name of ['a.txt', 'b.txt', 'kept.txt']) await storage.save(name, name);
      const failed = await storage.deleteMany(['a.txt', '../x', 'b.txt', '', 'C:/y']);
      assert.deepEqual([...failed.keys()].sort(), ['', '../x', 'C:/y']);
      for (const error of failed.values()) await rejectsWith('suspicious-name', Promise.reject(error));
      await context.holds(['kept.txt']);
    },
  },
  {
    id: 'S7.reserved-lookalikes',
    title: 'refuses whatever some system takes for a name that the backend keeps for itself',
    async run(context) {
      const { storage } = context;
      for (const segment of context.backend.limits.reservedSegments ?? [])
        for (const lookalike of taken(segment))
          for (const name of [lookalike, `${lookalike}/a.txt`]) {
            await rejectsWith('suspicious-name', storage.save(name, 'one'), name);
            await rejectsWith('suspicious-name', storage.exists(name), name);
          }
      await context.holds([]);
    },
  },
  {
    id: 'S7.devices',
    title: 'takes names of Windows devices and streams as they are, or refuses them and stores nothing',
    async run(context) {
      for (const name of DEVICES) {
        const saved = await context.storage.save(name, name).catch(error => error as unknown);
        if (saved === name) assert.equal(await context.text(name), name);
        else await rejectsWith('suspicious-name', Promise.reject(saved), `save of ${name}`);
        await context.holds(saved === name ? [name] : []);
        await context.storage.delete(name);
      }
    },
  },
  {
    id: 'S8.deep',
    title: 'stores and lists names as deep as its limits, and refuses deeper ones',
    async run(context) {
      const { maxNameBytes, maxSegments = 200 } = context.backend.limits;
      const depth = Math.min(maxSegments, Math.floor((maxNameBytes + 1) / 2));
      const name = 'd/'.repeat(depth - 1);
      assert.equal(await context.storage.save(`${name}a`, 'a'), `${name}a`);
      await context.storage.save(`${name}b`, 'b');
      await context.holds([`${name}a`, `${name}b`]);
      assert.deepEqual(await context.names(name), [`${name}a`, `${name}b`]);
      assert.deepEqual(await context.storage.listdir(), { folders: ['d'], files: [] });
      assert.equal(await context.text(`${name}a`), 'a');
      if (context.backend.limits.maxSegments !== undefined || depth < 200)
        await rejectsWith('name-too-long', context.storage.save(`${name}d/a`, 'a'));
      await context.nothingLeft();
    },
  },
];

/** Past the storage, as another program would. @throws Skip where that cannot be. */
async function plant(context: StorageContext, name: string): Promise<void> {
  if (context.subject.plant) return context.subject.plant(name);
  const names = {
    first: name as ObjectName,
    next: (): Promise<ObjectName> => Promise.reject(new Error(`${name} is taken`)),
  };
  const writeId = newWriteId();
  const source = toSource('planted', { operation: 'plant', storage: context.backend.id });
  try {
    await context.backend.create(source, names, { writeId });
  } catch (error) {
    if (isFieldFileError(error, 'suspicious-name')) throw new Skip('create() offers no plant()');
    throw error;
  }
  await context.backend.settle?.(names.first, writeId);
}
