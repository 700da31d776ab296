// An ORM's entity (TypeORM, MikroORM): `declare` emits no class field, and `defineFiles` installs the accessor.
import { defineFiles, type FieldFile, type FileField, file, noFile } from '@fieldfile/core';

export class Photo {
  declare id: number;
  declare image: FieldFile<Photo>;
  declare caption: string;
}

export const photos: { readonly image: FileField<Photo, never, 'image'> } = defineFiles(Photo, {
  image: { uploadTo: (photo, name) => `photos/${photo.caption}/${crypto.randomUUID()}/${name}` },
});

/** A property has one type: detached handles fit it, and so does "none". */
export async function whatCanBeAssigned(photo: Photo, next: Photo, incoming: Blob): Promise<string | null> {
  photo.image = file(incoming, 'me.png');
  photo.image = noFile;
  if (next.image.stored) photo.image = file(next.image.stored);
  return (await photo.image.stored?.url()) ?? null;
}

export function whatCannot(photo: Photo, incoming: File): void {
  // @ts-expect-error a property declared FieldFile takes noFile, not null
  photo.image = null;
  // @ts-expect-error … and file(incoming), not a File
  photo.image = incoming;
  // @ts-expect-error a name is not a file
  photo.image = 'photos/1/me.png';
}

abstract class Document {
  declare id: number;
  declare scan: FieldFile<Document>;
}

/** Abstract classes have fields, too, and a subclass's rows are rows of theirs. */
export class Invoice extends Document {}

export function inherited(invoice: Invoice): FieldFile<Invoice> {
  return defineFiles(Document, { scan: {} }).scan.of(invoice);
}
