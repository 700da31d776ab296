import { inspect } from 'node:util';
import {
  adopt,
  defineFiles,
  type FieldFile,
  FieldFileError,
  type FileField,
  type FileInput,
  file,
  isFieldFileError,
  model,
  noFile,
  type SaveOptions,
  storages,
  upload,
} from '@fieldfile/core';
import { fromPath } from '@fieldfile/core/node';
import { MemoryStorage } from '@fieldfile/memory';
import { describe, expect, test } from 'vitest';

interface UserRow {
  id: number;
  tenant?: string;
  avatar: string | null;
  avatarSize?: number | null;
  avatarType?: string | null;
  avatarName?: string | null;
  avatarDigest?: string | null;
}

class Report {
  id = 0;
  get pdf(): FieldFile<Report> {
    return reports.pdf.of(this);
  }
  set pdf(input: FileInput) {
    reports.pdf.set(this, input);
  }
}
const media = new MemoryStorage();
const reports: { readonly pdf: FileField<Report, never, 'pdf'> } = defineFiles(Report, {
  pdf: { storage: media, uploadTo: 'reports/' },
});

class Photo {
  declare id: number;
  declare image: FieldFile<Photo>;
}
const photos = defineFiles(Photo, { image: { storage: media } });

function fixture(options: object = {}) {
  const storage = new MemoryStorage();
  const users = defineFiles(model<UserRow>()('user', 'id'), { avatar: { storage, ...options } });
  const row: UserRow = { id: 1, avatar: null };
  const names = async () => (await Array.fromAsync(storage.list())).map(object => object.name as string);
  return { storage, users, row, handle: users.avatar.of(row), names };
}

const code = (error: unknown): string => (isFieldFileError(error) ? error.code : String(error));
const rejection = async (run: () => unknown): Promise<FieldFileError> => {
  try {
    await run();
  } catch (error) {
    expect(error).toBeInstanceOf(FieldFileError);
    return error as FieldFileError;
  }
  throw new Error('It did not throw.');
};

describe('the handle of a row', () => {
  test('is one and the same for the life of the row', () => {
    const { users, row, handle } = fixture();
    expect(users.avatar.of(row)).toBe(handle);
    expect(users.avatar.of({ ...row })).not.toBe(handle);
  });

  test('django 4.5/124 test_pickle: a reference is plain data and is revived by its field', async () => {
    const { users, row, handle } = fixture();
    await handle.save('hello', { name: 'a.txt' });
    const revived = users.avatar.revive(structuredClone(handle.reference()));
    expect([revived.name, await revived.stored?.text()]).toEqual(['a.txt', 'hello']);
    expect(revived.equals(users.avatar.of(row))).toBe(true);
    expect(code(await rejection(() => users.avatar.revive({ ...handle.reference(), field: 'other' })))).toBe(
      'invalid-argument',
    );
  });

  test.each([
    ['frozen', (row: object) => Object.freeze(row)],
    ['sealed and read-only', (row: object) => Object.defineProperty(row, 'avatar', { writable: false })],
    ['behind a getter alone', (row: object) => Object.defineProperty(row, 'avatar', { get: () => 'a.txt' })],
  ])(
    'a row that is %s refuses to save, delete and upload, and nothing is stored or removed',
    async (_, lock) => {
      const { storage, users } = fixture();
      await storage.save('a.txt', 'content');
      const row = lock({ id: 1, avatar: 'a.txt' }) as { id: number; avatar: string };
      const handle = users.avatar.of(row as never);
      expect(await handle.stored?.text()).toBe('content');
      for (const write of [() => handle.save('new', { name: 'new.txt' }), () => handle.delete()]) {
        const error = await rejection(write);
        expect([error.code, error.field]).toEqual(['invalid-argument', 'user.avatar']);
      }
      users.avatar.set(row as never, file('new', 'new.txt'));
      expect(code(await rejection(() => upload(row)))).toBe('invalid-argument');
      expect(await Array.fromAsync(storage.list(), ({ name }) => name as string)).toEqual(['a.txt']);
    },
  );

  test('a reference survives JSON, whatever its key is made of', () => {
    const { users } = fixture();
    const key = { id: 12345678901234567890n } as never;
    const revived = users.avatar.revive({ model: 'user', field: 'avatar', name: 'a.txt', key });
    const again = users.avatar.revive(JSON.parse(JSON.stringify(revived.reference())));
    expect(again.reference()).toEqual({ model: 'user', field: 'avatar', name: 'a.txt', key });
    expect(structuredClone(again.reference()).key).toEqual(key);
  });

  test.each([
    ['no key', { key: {} }],
    ['a condition', { key: { id: { gt: 0 } } }],
    ['a column too many', { key: { id: 1, name: 'x' } }],
    ['a name that leads out', { name: '../secret' }],
    ['an empty name', { name: '' }],
    ['a name that is no text', { name: 5 }],
    ['no name', { name: undefined }],
  ])('a reference with %s is refused', async (_, part) => {
    const { users } = fixture();
    const reference = { model: 'user', field: 'avatar', name: 'a.txt', key: { id: 1 }, ...part } as never;
    const error = await rejection(() => users.avatar.revive(reference));
    expect([error.code, error.field]).toEqual(['invalid-argument', 'user.avatar']);
  });

  test('shows its name in JSON, as text and inspected, and never its row', async () => {
    const { row, handle } = fixture();
    expect([JSON.stringify({ handle }), String(handle)]).toEqual(['{"handle":null}', '']);
    await handle.save('x', { name: 'a.txt' });
    row.tenant = 'secret';
    expect([JSON.stringify({ handle }), `${handle}`]).toEqual(['{"handle":"a.txt"}', 'a.txt']);
    expect(inspect(handle)).toBe('<FieldFile user.avatar: a.txt>');
  });

  test('equals what names the same object on the same storage', async () => {
    const { handle } = fixture();
    const other = fixture();
    expect([handle.equals(null), handle.equals(''), handle.equals(other.handle)]).toEqual([
      true,
      false,
      true,
    ]);
    await handle.save('x', { name: 'a.txt' });
    await other.handle.save('x', { name: 'a.txt' });
    expect([handle.equals('a.txt'), handle.equals(handle), handle.equals(other.handle)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('works behind a Proxy', async () => {
    const { handle } = fixture();
    const proxy = new Proxy(handle, {});
    await proxy.save('x', { name: 'a.txt' });
    expect([proxy.name, handle.name, await proxy.stored?.text()]).toEqual(['a.txt', 'a.txt', 'x']);
  });

  test('shows nothing of itself to who walks the keys of what holds it', () => {
    const { handle, row } = fixture();
    for (const held of [handle, file('x', 'x.txt'), noFile]) {
      const walked = [Object.keys(held), Object.values({ ...held })];
      for (const key in held) if (Object.hasOwn(held, key)) walked.push([key]);
      expect(walked).toEqual([[], []]);
      expect(structuredClone({ id: 1, avatar: held })).toEqual({ id: 1, avatar: {} });
      expect(JSON.stringify({ ...row, avatar: held })).toBe('{"id":1,"avatar":null}');
    }
  });

  test('takes an empty text in the column for no file', () => {
    const { users } = fixture();
    expect(users.avatar.of({ id: 2, avatar: '' }).stored).toBeNull();
  });

  test('runs its operations one after another', async () => {
    const { handle, names } = fixture();
    await Promise.all([
      handle.save('1', { name: 'one.txt' }),
      handle.save('2', { name: 'two.txt' }),
      handle.delete(),
      handle.save('3', { name: 'three.txt' }),
    ]);
    expect(handle.name).toBe('three.txt');
    expect(await names()).toEqual(['one.txt', 'three.txt']); // without a binding replaced objects stay, as in Django
  });

  test('an operation that fails does not stop the next', async () => {
    const { handle } = fixture();
    const failing = handle.save('1', { name: '..' }).catch(code);
    await handle.save('2', { name: 'two.txt' });
    expect(await failing).toBe('suspicious-name');
    expect(handle.name).toBe('two.txt');
  });
});

describe('django file fields', () => {
  test('django 4.4/74 test_files: nothing is stored before the row is, an occupied name gets seven characters', async () => {
    const { users, storage, names } = fixture();
    const [one, two] = [
      { id: 1, avatar: null },
      { id: 2, avatar: null },
    ];
    const unset = users.avatar.of(one) as unknown as NonNullable<FieldFile['stored']>;
    expect((await rejection(() => unset.size())).code).toBe('no-file');
    users.avatar.set(one, file('assigned', 'assigned.txt'));
    expect(await storage.exists('assigned.txt')).toBe(false);
    await upload(one);
    await users.avatar.of(two).save('again', { name: 'assigned.txt' });
    expect(await users.avatar.of(one).stored?.size()).toBe(8);
    expect(two.avatar).toMatch(/^assigned_[A-Za-z0-9]{7}\.txt$/);
    expect(await names()).toHaveLength(2);
  });

  test('django 4.4/91 test_callable_base_class_error_raises: a callable that gives no storage', () => {
    const nothings = [class {}, 'nowhere', [], new Set(), undefined];
    for (const nothing of nothings) {
      const { users } = fixture({ storage: () => nothing });
      expect(() => users.avatar.storage).toThrow(FieldFileError);
    }
  });

  test('django 4.4/92 test_file_field_storage_none_uses_default_storage', () => {
    const fallback = new MemoryStorage();
    using _ = storages.override('default', fallback);
    const { users } = fixture({ storage: undefined });
    expect(users.avatar.storage).toBe(fallback);
  });

  test('django 4.4/93 test_callable_function_storage_file_field: the result is used, asked at every use', () => {
    const made = [new MemoryStorage(), new MemoryStorage()];
    let calls = 0;
    const { users } = fixture({ storage: () => made[calls++] });
    expect([users.avatar.storage, users.avatar.storage]).toEqual(made);
  });

  test('django 4.4/95 test_callable_storage_file_field_in_model: an alias, given or from a callable', () => {
    const avatars = new MemoryStorage();
    using _ = storages.override('avatars', avatars);
    expect(fixture({ storage: 'avatars' }).users.avatar.storage).toBe(avatars);
    expect(fixture({ storage: () => 'avatars' }).users.avatar.storage).toBe(avatars);
  });
});

describe('reading', () => {
  test('django 4.7/152 test_context_manager: opens as a disposable', async () => {
    const { handle } = fixture();
    await handle.save('hello world', { name: 'a.txt' });
    await using opened = await handle.stored?.open({ start: 6 });
    expect([opened?.info.sizeBytes, await opened?.text()]).toEqual([11, 'world']);
  });

  test('gives text, bytes, a buffer, a Blob, a stream and lines', async () => {
    const { handle } = fixture();
    await handle.save('one\ntwo\r\nthrée', { name: 'a.txt' });
    const stored = handle.stored;
    expect(await stored?.text({ start: 0, endExclusive: 3 })).toBe('one');
    expect(Buffer.from((await stored?.bytes()) ?? []).toString()).toBe('one\ntwo\r\nthrée');
    expect((await stored?.arrayBuffer())?.byteLength).toBe(15);
    const blob = await stored?.blob();
    expect([blob?.type, await blob?.text()]).toEqual(['text/plain', 'one\ntwo\r\nthrée']);
    expect(await new Response(stored?.stream({ start: 4 })).text()).toBe('two\r\nthrée');
    expect(await Array.fromAsync(stored?.lines() ?? [])).toEqual(['one\n', 'two\r\n', 'thrée']);
    expect([await stored?.size(), await stored?.exists()]).toEqual([15, true]);
  });

  test('a stream that nobody reads opens nothing', async () => {
    const { handle, storage } = fixture();
    await handle.save('x', { name: 'a.txt' });
    const stream = handle.stored?.stream();
    await storage.delete('a.txt');
    await stream?.cancel();
    await expect(new Response(handle.stored?.stream()).text()).rejects.toThrow('a.txt');
  });

  test('django 4.5/118 test_delete_content_file: a handle without a file says so', async () => {
    const { handle, names } = fixture();
    await handle.save('x', { name: 'a.txt' });
    await handle.delete();
    expect([handle.name, handle.stored, await names()]).toEqual([null, null, []]);
    const unchecked = handle as unknown as NonNullable<typeof handle.stored>;
    for (const read of [
      () => unchecked.text(),
      () => unchecked.url(),
      () => unchecked.path(),
      () => unchecked.size(),
    ])
      expect(code(await rejection(read))).toBe('no-file');
  });

  test('a storage without addresses or paths says so', async () => {
    const { handle } = fixture();
    await handle.save('x', { name: 'a.txt' });
    expect(code(await rejection(() => handle.stored?.url()))).toBe('unsupported');
    expect(code(await rejection(() => handle.stored?.path()))).toBe('unsupported');
  });
});

describe('saving', () => {
  test('django 4.5/114 test_delete_when_file_unset: deleting nothing is nothing', async () => {
    await fixture().handle.delete();
  });

  test('keeps the columns beside the name', async () => {
    const { users, row, handle } = fixture({
      columns: {
        size: 'avatarSize',
        contentType: 'avatarType',
        originalName: 'avatarName',
        digest: 'avatarDigest',
      },
    });
    await handle.save('hello', { name: 'my photo.png' });
    expect(row).toEqual({
      id: 1,
      avatar: 'my_photo.png',
      avatarSize: 5,
      avatarType: 'image/png',
      avatarName: 'my photo.png',
      avatarDigest: 'sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
    });
    row.avatarSize = 6; // read from the row: no request
    expect(await users.avatar.of(row).stored?.size()).toBe(6);
    await handle.stored?.replace('hello, world');
    expect([row.avatar, row.avatarSize, await handle.stored?.text()]).toEqual([
      'my_photo.png',
      12,
      'hello, world',
    ]);
    await handle.delete();
    expect(row).toEqual({
      id: 1,
      avatar: null,
      avatarSize: null,
      avatarType: null,
      avatarName: null,
      avatarDigest: null,
    });
  });

  test('verifies a body against the digest column', async () => {
    const { row, handle, storage } = fixture({ columns: { digest: 'avatarDigest' } });
    await handle.save('hello', { name: 'a.txt' });
    const verified = async () => {
      const opened = await handle.stored?.open({ verify: true });
      return opened?.text();
    };
    expect(await verified()).toBe('hello');
    await storage.replace('a.txt', 'jello');
    expect((await rejection(verified)).code).toBe('integrity');
    row.avatarDigest = null;
    expect((await rejection(verified)).code).toBe('unsupported');
  });

  test('takes the name and the type of a web File', async () => {
    const { handle } = fixture({ columns: { contentType: 'avatarType' } });
    await handle.save(new File(['x'], 'C:\\fakepath\\me.png', { type: 'image/webp' }));
    expect(handle.name).toBe('me.png');
    expect((await handle.stored?.info())?.contentType).toBe('image/webp');
  });

  test("copies another row's file and never shares it", async () => {
    const { users, handle, names } = fixture();
    await handle.save('x', { name: 'a.txt' });
    const other = users.avatar.of({ id: 2, avatar: null });
    if (handle.stored) await other.save(handle.stored);
    expect(other.name).toMatch(/^a_\w{7}\.txt$/);
    await handle.delete();
    expect([await other.stored?.text(), await names()]).toEqual(['x', [other.name]]);
  });

  test("copies another storage's file", async () => {
    const { handle } = fixture();
    const elsewhere = fixture();
    await handle.save('x', { name: 'a.txt' });
    if (handle.stored) await elsewhere.handle.save(handle.stored);
    expect(await elsewhere.handle.stored?.text()).toBe('x');
  });

  test('django 4.4/85 test_random_upload_to: a callable uploadTo sees the row and is called once a save', async () => {
    const calls: unknown[] = [];
    const { row, handle } = fixture({
      uploadTo: async (user: UserRow, name: string) => {
        calls.push([user, name]);
        return `${user.id}/${name}`;
      },
    });
    await handle.save('x', { name: 'a.txt' });
    await handle.save('y', { name: 'a.txt' });
    expect(handle.name).toMatch(/^1\/a_\w{7}\.txt$/);
    expect(calls).toEqual([
      [row, 'a.txt'],
      [row, 'a.txt'],
    ]);
  });

  test('a folder with strftime directives', async () => {
    const { handle } = fixture({ uploadTo: 'at/%Y/' });
    await handle.save('x', { name: '%Y.txt' });
    expect(handle.name).toBe(`at/${new Date().getFullYear()}/Y.txt`);
  });
});

describe('what is refused, before anything is stored', () => {
  const blob = new Blob(['x']);
  const usedStream = () => {
    const stream = new Blob(['x']).stream();
    stream.getReader();
    return stream;
  };
  const cases: Record<string, [expected: string, content: unknown, options?: SaveOptions, field?: object]> = {
    'django 4.5/117 test_save_content_file_without_name: content without a name': ['invalid-argument', blob],
    'django 4.5/116 test_save_without_name: a name that is only folders': [
      'suspicious-name',
      blob,
      { name: '/tmp/' },
    ],
    'a name of dots': ['suspicious-name', blob, { name: '../..' }],
    'a name of control characters': ['suspicious-name', blob, { name: 'folder/\0' }],
    'a name that is no text': ['invalid-argument', blob, { name: 5 as never }],
    'a name that does not fit maxLength': [
      'name-too-long',
      blob,
      { name: 'a.verylongextension' },
      { maxLength: 12 },
    ],
    'a path out of a request': ['invalid-argument', { path: '/etc/passwd' }, { name: 'a' }],
    'a number': ['invalid-argument', 7, { name: 'a' }],
    'a stream that is locked': ['content-consumed', usedStream(), { name: 'a' }],
    'a type that is not accepted': ['not-accepted', blob, { name: 'a.exe' }, { accept: ['image/*', '.pdf'] }],
    'content that is too large': ['too-large', blob, { name: 'a' }, { maxSizeBytes: 0 }],
    'a content type with control characters': [
      'invalid-argument',
      blob,
      { name: 'a', contentType: 'a\r\nb: c' },
    ],
    'an unknown storage': ['unknown-storage', blob, { name: 'a' }, { storage: 'nowhere' }],
    'a storage that is none': ['invalid-argument', blob, { name: 'a' }, { storage: () => ({}) }],
  };
  for (const [name, [expected, content, options, field]] of Object.entries(cases))
    test(name, async () => {
      const { handle, row, names } = fixture(field);
      const error = await rejection(() => handle.save(content as never, options));
      expect([error.code, row.avatar, handle.name, await names()]).toEqual([expected, null, null, []]);
      expect(error.message.length).toBeGreaterThan(20);
    });

  test('a stream that turns out too large leaves nothing', async () => {
    const { handle, names } = fixture({ maxSizeBytes: 10 });
    async function* large() {
      for (;;) yield new Uint8Array(4);
    }
    expect((await rejection(() => handle.save(large(), { name: 'a' }))).code).toBe('too-large');
    expect([handle.name, await names()]).toEqual([null, []]);
  });

  test('an unreadable path', async () => {
    expect((await rejection(() => fromPath('/nowhere/at/all'))).code).toBe('not-found');
    expect((await rejection(() => fromPath('/'))).code).toBe('invalid-argument');
  });

  test('options out of range, when the field is defined', () => {
    for (const options of [{ maxLength: 0 }, { maxSizeBytes: -1 }, { uploadTo: '/abs' }, { uploadTo: '%Q/' }])
      expect(() => fixture(options)).toThrow(FieldFileError);
  });
});

describe('assigning', () => {
  test('django 4.7/175 test_content_file_custom_name: is stored by upload, not before', async () => {
    const { users, row, handle, names } = fixture();
    users.avatar.set(row, file('x', 'a.txt'));
    expect([handle.pending, handle.name, row.avatar, await names()]).toEqual([true, null, null, []]);
    await upload(row);
    expect([handle.pending, handle.name, row.avatar, await names()]).toEqual([
      false,
      'a.txt',
      'a.txt',
      ['a.txt'],
    ]);
  });

  test('django 4.5/111 test_clearable: null and noFile clear', async () => {
    const { users, row, handle } = fixture();
    for (const none of [null, noFile]) {
      await handle.save('x', { name: 'a.txt' });
      users.avatar.set(row, none);
      expect([handle.name, handle.stored, handle.pending]).toEqual([null, null, true]);
      await upload(row);
      expect([row.avatar, handle.pending]).toEqual([null, false]);
    }
  });

  test('a bare string is no file', () => {
    const { users, row } = fixture();
    expect(() => users.avatar.set(row, 'other-users/secret.pdf' as never)).toThrow(/adopt\(name\)/);
    expect(() => Object.assign(new Report(), { pdf: 'other-users/secret.pdf' })).toThrow(FieldFileError);
  });

  test('a column changed by hand is refused, and load says that it came from the database', async () => {
    const { users, row, handle } = fixture();
    await handle.save('x', { name: 'a.txt' });
    Object.assign(row, { avatar: 'other-users/secret.pdf' });
    expect(() => users.avatar.of(row)).toThrow(/changed by hand/);
    users.avatar.load(row, 'b.txt');
    expect([users.avatar.of(row), handle.name]).toEqual([handle, 'b.txt']);
  });

  test('adopt takes an object that is there, and only such', async () => {
    const { users, row, handle, storage } = fixture();
    await storage.save('there.txt', 'x');
    users.avatar.set(row, adopt('there.txt'));
    await upload(row);
    expect([row.avatar, await handle.stored?.text()]).toEqual(['there.txt', 'x']);
    users.avatar.set(row, adopt('missing.txt'));
    expect((await rejection(() => upload(row))).code).toBe('not-found');
    expect(row.avatar).toBe('there.txt');
  });

  test('content is taken by one row only', () => {
    const { users, row } = fixture();
    const content = file('x', 'a.txt');
    users.avatar.set(row, content);
    expect(() => users.avatar.set({ id: 2, avatar: null }, content)).toThrow(/assigned before/);
  });

  test('type and size are checked at once', () => {
    const { users, row, handle } = fixture({ accept: ['image/*'], maxSizeBytes: 3 });
    expect(() => users.avatar.set(row, file('x', 'a.txt'))).toThrow(/accepts/);
    expect(() => users.avatar.set(row, file('four', 'a.png'))).toThrow(/at most 3/);
    expect(handle.pending).toBe(false);
  });

  test('many rows are uploaded together, and a failure leaves the rest to be uploaded', async () => {
    const { users, names } = fixture();
    const rows = Array.from({ length: 10 }, (_, id) => ({ id, avatar: null as string | null }));
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      throw new Error('broken');
    }
    for (const row of rows)
      users.avatar.set(row, file(row.id === 5 ? broken() : `${row.id}`, `${row.id}.txt`));
    await expect(upload(rows, { concurrency: 2 })).rejects.toThrow('broken');
    expect((await rejection(() => upload(rows, { concurrency: 1 }))).code).toBe('content-consumed');
    users.avatar.set(rows[5] as UserRow, file('5', '5.txt'));
    await upload(rows);
    expect(await names()).toHaveLength(10);
    expect(rows.every(row => row.avatar === `${row.id}.txt`)).toBe(true);
  });
});

describe('classes', () => {
  test('an accessor written out', async () => {
    const report = new Report();
    expect(report.pdf.stored).toBeNull();
    report.pdf = new File(['x'], 'a.pdf');
    await upload(report);
    expect([report.pdf.name, await report.pdf.stored?.text()]).toEqual(['reports/a.pdf', 'x']);
    report.pdf = null;
    await upload(report);
    expect(report.pdf.name).toBeNull();
  });

  test('django 4.5/119 test_defer: an accessor answers undefined for a column that was not loaded', () => {
    const photo = new Photo();
    photos.image.load(photo, undefined);
    expect(photo.image).toBeUndefined();
    expect(() => photos.image.of(photo)).toThrow(/without Photo.image/);
    const { users } = fixture();
    expect(() => users.avatar.of({ id: 1 } as UserRow)).toThrow(/without user.avatar/);
    photos.image.load(photo, 'a.png');
    expect(photo.image.name).toBe('a.png');
  });

  test('django 4.5/115 test_refresh_from_db: the owner of a refreshed row is that row', async () => {
    const photo = new Photo();
    photos.image.load(photo, 'old.png');
    const handle = photo.image;
    photos.image.load(photo, 'new.png');
    expect([photo.image, handle.owner, handle.name]).toEqual([handle, photo, 'new.png']);
  });

  test('an installed accessor: assigning content, another file, nothing', async () => {
    const [one, two] = [new Photo(), new Photo()];
    one.image = file('x', 'me.png');
    await upload(one);
    two.image = one.image;
    await upload([one, two]);
    expect(two.image.name).not.toBe(one.image.name);
    expect(await two.image.stored?.text()).toBe('x');
    one.image = noFile;
    expect(one.image.stored).toBeNull();
    expect(() => {
      (one as { image: unknown }).image = 'secret.pdf';
    }).toThrow(FieldFileError);
  });

  test('a class field that hides the accessor is refused when the field is defined', () => {
    class Shadowed {
      image = null as unknown as FieldFile;
    }
    expect(() => defineFiles(Shadowed, { image: {} })).toThrow(/declare image: FieldFile/);
    class Inherited extends Shadowed {}
    expect(() => defineFiles(Inherited, { image: {} })).toThrow(/shadows|hides/);
  });

  test('a property that hides it on one row is refused when that row is used', () => {
    const photo = new Photo();
    Object.defineProperty(photo, 'image', { value: null });
    expect(() => photos.image.of(photo)).toThrow(/hides/);
  });
});
