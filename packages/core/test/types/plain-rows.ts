// Plain rows (Kysely, Drizzle, raw SQL): the column stays `string | null`, and nothing is added to the row.
import { type Declared, defineFiles, type FieldFile, model } from '@fieldfile/core';

interface UserRow {
  id: number;
  tenant: string;
  avatar: string | null;
  sizeBytes: number;
}

const users: Declared<UserRow, 'id', 'avatar'> = defineFiles(model<UserRow>()('user', 'id'), {
  avatar: {
    uploadTo: (row, name) => `${row.tenant}/${name}`,
    accept: ['image/*'],
    columns: { size: 'sizeBytes' },
  },
});

export async function aFormsFile(row: UserRow, form: FormData): Promise<string | undefined> {
  const picture = form.get('avatar');
  if (picture instanceof File) await users.avatar.of(row).save(picture);
  return users.avatar.of(row).stored?.url({ expiresInSeconds: 300 });
}

export function theKeyAndTheColumnAreEnough(row: { id: number; avatar: string | null }): FieldFile<{
  id: number;
  avatar: string | null;
}> {
  return users.avatar.of(row);
}

/** The handle's owner is the row that was given, with all of its columns. */
export function theRowsOwnType(row: UserRow & { extra: true }): true | undefined {
  return users.avatar.of(row).owner?.extra;
}

export async function byKey(): Promise<string | undefined> {
  const handle = await users.avatar.byKey({ id: 1 });
  return handle.owner?.tenant;
}

interface PartRow {
  order: number;
  line: number;
  scan?: string | null;
}

export async function aKeyOfTwoColumns(row: Required<PartRow>): Promise<FieldFile<PartRow>> {
  const parts = defineFiles(model<PartRow>()('part', 'order', 'line'), { scan: {} });
  parts.scan.of(row);
  // @ts-expect-error the key has two columns
  await parts.scan.byKey({ order: 1 });
  return parts.scan.byKey({ order: 1, line: 2 });
}

export function refusedDeclarations(): void {
  // @ts-expect-error `tenant2` is no column of the row
  defineFiles(model<UserRow>()('user', 'id'), { tenant2: {} });
  // @ts-expect-error `id` is a number: it cannot carry a file
  defineFiles(model<UserRow>()('user', 'id'), { id: {} });
  // @ts-expect-error `uid` is no column of the row
  model<UserRow>()('user', 'uid');
  // @ts-expect-error uploadTo sees the row's real type
  defineFiles(model<UserRow>()('user', 'id'), { avatar: { uploadTo: row => row.nope } });
  // @ts-expect-error uploadTo reads the row, it does not change it
  defineFiles(model<UserRow>()('user', 'id'), { avatar: { uploadTo: row => (row.tenant = 'x') } });
  // @ts-expect-error the size belongs into a column of the row
  defineFiles(model<UserRow>()('user', 'id'), { avatar: { columns: { size: 'bytes' } } });
  // @ts-expect-error no such option
  defineFiles(model<UserRow>()('user', 'id'), { avatar: { upload_to: 'avatars/' } });
}

export function refusedRows(row: UserRow): void {
  const deferred = { id: row.id };
  // @ts-expect-error the row was selected without the column
  users.avatar.of(deferred);
  // @ts-expect-error the row was selected without the column
  users.avatar.set(deferred, null);
  // @ts-expect-error the row was selected without its key
  users.avatar.of({ avatar: row.avatar });
  // @ts-expect-error `get` may be asked about any row, and may answer undefined
  users.avatar.get(deferred).name;
}
