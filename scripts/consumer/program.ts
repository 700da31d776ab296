// The same in TypeScript: only type-checked, against the packed declarations.
import { defineFiles, type FieldFile, model } from '@fieldfile/core';
import { fromPath } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';

interface User {
  id: number;
  tenant: string;
  avatar: string | null;
}

const users = defineFiles(model<User>()('user', 'id'), {
  avatar: {
    storage: new FileSystemStorage({ root: 'media' }),
    uploadTo: (row, filename) => `${row.tenant}/${filename}`,
  },
});

export async function upload(row: User, path: string): Promise<string | undefined> {
  const avatar: FieldFile<User> = users.avatar.of(row);
  await avatar.save(await fromPath(path));
  // @ts-expect-error a bare string is no file
  users.avatar.set(row, 'somebody-elses.png');
  return avatar.stored?.text();
}

export const memory: MemoryStorage = new MemoryStorage();
