import { expect, test } from 'vitest';
import { hasClassField } from './class-field.ts';

const has = (body: string, heritage = ''): boolean => hasClassField(`class A ${heritage} {${body}}`, 'image');

test.each([
  'image',
  'image;',
  ' image = null;',
  '\n  id = 0;\n  image;\n',
  '\n  id = 0\n  image\n',
  'id = "image;"; image = 1;',
  'm() { return { image: 1 }; } image;',
  '/* a comment } */ image; // another {',
  'pattern = /[}"\']/; text = `}`; image;',
  'static { } image = {};',
])('finds the field in {%s}', body => expect(has(body)).toBe(true));

test.each([
  '',
  'image() {}',
  'get image() { return 1; }',
  'set image(value) {}',
  'static image = 1;',
  'accessor image = 1;',
  '#image = 1;',
  'images = 1;',
  'myimage = 1;',
  'm() { let image; image = 1; }',
  'constructor(image) { this.image = image; }',
  'a = { image: 1 }; b = [image]; c = "\\nimage;\\n"',
  '// image;\n',
  '/* \n image; */',
  'a = `\nimage;\n`;',
  'a = 1 / 2; b = 3 / 4;',
])('finds none in {%s}', body => expect(has(body)).toBe(false));

test('looks behind what a class extends', () => {
  expect(has('image;', 'extends mixin({ image: 1 })')).toBe(true);
  expect(has('', 'extends mixin({ image: 1 })')).toBe(false);
  expect(has('image;', 'extends Base')).toBe(true);
});

test('reads classes as the runtime shows them', () => {
  class Shadowed {
    image = null;
  }
  class Free {
    declare image: unknown;
    other = 1;
  }
  const Anonymous = class {
    image = 1;
  };
  function Old(): void {}
  expect([Shadowed, Free, Anonymous, Old].map(model => hasClassField(String(model), 'image'))).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

test('names with $ are taken literally', () => {
  expect(hasClassField('class A { $image = 1 }', '$image')).toBe(true);
  expect(hasClassField('class A { image = 1 }', '$image')).toBe(false);
});
