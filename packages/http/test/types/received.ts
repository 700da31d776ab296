// What `receive` gives is typed by the form's fields.
import { defineFiles, type FieldFile, type FileField, model, type StagedFile } from '@fieldfile/core';
import { receive, uploads } from '@fieldfile/http/receive';

interface UserRow {
  id: number;
  avatar: string | null;
}
declare class Photo {
  id: number;
  image: FieldFile<Photo>;
}
declare const photos: { readonly image: FileField<Photo, never, 'image'> };
const { avatar } = defineFiles(model<UserRow>()('user', 'id'), { avatar: {} });

export async function typed(request: Request, row: UserRow, photo: Photo): Promise<void> {
  await using received = await receive(request, {
    fields: { avatar, image: photos.image, pages: [avatar], title: 'text', tags: ['text'] },
    raw: 'avatar',
  });
  const file: StagedFile | undefined = received.avatar;
  if (file) avatar.set(row, file);
  if (received.image) photo.image = received.image;
  const pages: readonly StagedFile[] = received.pages;
  const title: string | undefined = received.title;
  const tags: readonly string[] = received.tags;
  [pages, title, tags].forEach(() => {});
  // @ts-expect-error the form has no such field
  received.other;
  // @ts-expect-error nobody may have chosen a file
  received.avatar.staged;
  // @ts-expect-error a text is no file
  photo.image = received.title;
  // @ts-expect-error what came is not written over
  received.title = '';
}

export function whatCannot(request: Request): void {
  // @ts-expect-error a raw body goes to a field of the form
  receive(request, { fields: { avatar }, raw: 'other' });
  // @ts-expect-error a field is a file or a text
  receive(request, { fields: { avatar: 'file' } });
}

export const handler: (request: Request) => Promise<Response> = uploads({
  authorize: () => true,
  fields: { avatar, title: 'text' },
  // @ts-expect-error the form has no such field
  handle: ({ title, other }) => new Response(title ?? other),
});
