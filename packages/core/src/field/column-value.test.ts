import { expect, test } from 'vitest';
import { columnValue } from '../binding.ts';
import { defineFiles, type FieldFile, file } from '../index.ts';

class Photo {
  declare image: FieldFile;
}
const { image } = defineFiles(Photo, { image: {} });

test('is the name a row has, an empty text included', () => {
  const [photo, empty] = [new Photo(), new Photo()];
  image.load(photo, 'a.png');
  image.load(empty, '');
  expect([columnValue(photo.image), columnValue(empty.image)]).toEqual(['a.png', '']);
});

test('is undefined while something is assigned that is not stored, also before it is assigned', () => {
  const photo = new Photo();
  const content = file('x', 'x.png');
  expect(columnValue(content)).toBeUndefined();
  photo.image = content;
  expect(columnValue(photo.image)).toBeUndefined();
});
