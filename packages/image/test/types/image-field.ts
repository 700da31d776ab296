import { defineFiles, type FieldOptions, model } from '@fieldfile/core';
import { imageField } from '@fieldfile/image';

interface PhotoRow {
  id: number;
  image: string | null;
  width: number | null;
}

defineFiles(model<PhotoRow>()('photo', 'id'), {
  image: imageField({ columns: { width: 'width', digest: 'image' } }),
});

defineFiles(model<PhotoRow>()('photo', 'id'), {
  // @ts-expect-error: the row has no such column.
  image: imageField({ columns: { width: 'size' } }),
});

defineFiles(model<PhotoRow>()('photo', 'id'), {
  // @ts-expect-error: an image has no such column.
  image: imageField({ columns: { length: 'width' } }),
});

export const options: FieldOptions<PhotoRow> = imageField({ columns: { height: 'width' } });
