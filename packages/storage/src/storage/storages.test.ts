import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';
import { storages } from './storages.ts';

let aliases = 0;

/** An alias of its own for every test: the registry is the process's. */
const freshAlias = (): string => `alias-${++aliases}`;

test('a function is called once, when its alias is first used', () => {
  const alias = freshAlias();
  let made = 0;
  storages.configure({
    [alias]: () => {
      made += 1;
      return new MemoryStorage();
    },
  });
  expect(made).toBe(0);
  const storage = storages.get(alias);
  expect(storages.get(alias)).toBe(storage);
  expect(made).toBe(1);
});

test('an instance is itself', () => {
  const alias = freshAlias();
  const storage = new MemoryStorage();
  storages.configure({ [alias]: storage });
  expect(storages.get(alias)).toBe(storage);
});

test('configuring adds and changes aliases, and leaves the others', () => {
  const [one, two] = [freshAlias(), freshAlias()];
  const [first, second, third] = [new MemoryStorage(), new MemoryStorage(), new MemoryStorage()];
  storages.configure({ [one]: first });
  storages.configure({ [two]: second });
  expect([storages.get(one), storages.get(two)]).toEqual([first, second]);
  storages.configure({ [one]: third });
  expect(storages.get(one)).toBe(third);
  expect(storages.get(two)).toBe(second);
});

test('a function that throws is called again by the next use', () => {
  const alias = freshAlias();
  const failure = new Error('no credentials yet');
  let ready = false;
  storages.configure({
    [alias]: () => {
      if (!ready) throw failure;
      return new MemoryStorage();
    },
  });
  expect(() => storages.get(alias)).toThrow(failure);
  ready = true;
  expect(storages.get(alias)).toBeInstanceOf(MemoryStorage);
});

test('overrides nest, and each is taken back by itself, also out of order', () => {
  const alias = freshAlias();
  const [base, outer, inner] = [new MemoryStorage(), new MemoryStorage(), new MemoryStorage()];
  storages.configure({ [alias]: base });
  {
    using _outer = storages.override(alias, outer);
    expect(storages.get(alias)).toBe(outer);
    {
      using _inner = storages.override(alias, inner);
      expect(storages.get(alias)).toBe(inner);
    }
    expect(storages.get(alias)).toBe(outer);
  }
  expect(storages.get(alias)).toBe(base);

  const first = storages.override(alias, outer);
  const second = storages.override(alias, inner);
  first[Symbol.dispose]();
  expect(storages.get(alias)).toBe(inner);
  second[Symbol.dispose]();
  second[Symbol.dispose]();
  expect(storages.get(alias)).toBe(base);
});

test('an override needs no configured alias, and makes nothing of one that is', () => {
  const alias = freshAlias();
  const storage = new MemoryStorage();
  {
    using _ = storages.override(alias, storage);
    expect(storages.get(alias)).toBe(storage);
  }
  expect(() => storages.get(alias)).toThrow(expect.objectContaining({ code: 'unknown-storage' }));
  let made = 0;
  storages.configure({
    [alias]: () => {
      made += 1;
      return storage;
    },
  });
  using _ = storages.override(alias, new MemoryStorage());
  storages.get(alias);
  expect(made).toBe(0);
});

test('an unknown alias is answered with those there are and the fix', () => {
  const known = freshAlias();
  storages.configure({ [known]: new MemoryStorage() });
  const ask = (): unknown => storages.get('avatars');
  expect(ask).toThrow(expect.objectContaining({ code: 'unknown-storage', objectName: 'avatars' }));
  expect(ask).toThrow(`"${known}"`);
  expect(ask).toThrow('call storages.configure({ "avatars": () => … }) before the field is used');
});

test('what is no storage is refused: as a result, an instance, and at once as an override', () => {
  const alias = freshAlias();
  for (const value of [{}, 'memory', new MemoryStorage().backend, () => 1]) {
    storages.configure({ [alias]: value as never });
    expect(() => storages.get(alias)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    expect(() => storages.override(alias, value as never)).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
  }
});
