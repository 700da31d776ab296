import { setImmediate as turn } from 'node:timers/promises';
import { defineFiles, type FieldFile, file, upload } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';

const storage = new MemoryStorage();

class Photo {
  declare id: number;
  declare image: FieldFile<Photo>;
  declare preview: FieldFile<Photo>;
}
defineFiles(Photo, { image: { storage }, preview: { storage } });

const photo = (id: number): Photo => Object.assign(new Photo(), { id });

test.each([
  ['the entity', 'its proxy'],
  ['its proxy', 'the entity'],
])(
  'a file of an entity is one and the same through a Proxy of it: %s touched first, then %s',
  async first => {
    const entity = photo(1);
    const proxy = new Proxy(entity, {});
    const [one, other] = first === 'the entity' ? [entity, proxy] : [proxy, entity];
    const handle = one.image;
    expect(other.image).toBe(handle);
    await proxy.image.save('saved', { name: 'saved.txt' });
    expect([entity.image.name, proxy.image.name]).toEqual([handle.name, handle.name]);
    expect(await entity.image.stored?.text()).toBe('saved');
    proxy.preview = file('preview', 'preview.txt');
    await upload(entity);
    expect(await proxy.preview.stored?.text()).toBe('preview');
  },
);

test('a Proxy that hands out proxies in turn, as frameworks do, changes nothing', async () => {
  const deep = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(from, key, receiver) {
        const value: unknown = Reflect.get(from, key, receiver);
        const plain = typeof value === 'object' && value !== null && Object.isExtensible(value);
        return plain && !('stored' in value) ? deep(value) : value;
      },
    });
  const entity = photo(2);
  const handle = entity.image;
  const proxy = deep(entity);
  expect(proxy.image).toBe(handle);
  await proxy.image.save('x', { name: 'x.txt' });
  expect(entity.image.name).toBe(handle.name);
});

test('a copy is a row of its own, however it was copied', () => {
  const entity = photo(3);
  const handle = entity.image;
  const copies = [
    Object.assign(new Photo(), entity),
    Object.create(Photo.prototype, Object.getOwnPropertyDescriptors(entity)) as Photo,
    Object.create(entity) as Photo,
  ];
  for (const copy of copies) expect(copy.image).not.toBe(handle);
  expect(Object.keys(entity)).toEqual(['id']);
});

test('once a proxy that was touched first is gone, the entity takes its place', async () => {
  const entity = photo(4);
  const handle = (() => new Proxy(entity, {}).image)();
  for (let tries = 0; handle.owner && tries < 50; tries++) {
    await turn();
    globalThis.gc?.();
  }
  expect(handle.owner).toBeUndefined();
  expect(entity.image).toBe(handle);
  expect(handle.owner).toBe(entity);
});
