import { expect, test } from 'vitest';
import { contentDisposition } from './content-disposition.ts';

test.each([
  [{}, undefined],
  [{ disposition: 'inline' }, 'inline'],
  [{ disposition: 'attachment' }, 'attachment'],
  [{ download: 'a b.png' }, 'attachment; filename="a b.png"'],
  [{ download: 'a.png', disposition: 'inline' }, 'inline; filename="a.png"'],
  [
    { download: 'größe "1".txt' },
    `attachment; filename="gr__e _1_.txt"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.txt`,
  ],
  [
    { download: "50% (it's).txt" },
    `attachment; filename="50_ (it's).txt"; filename*=UTF-8''50%25%20%28it%27s%29.txt`,
  ],
  [
    { download: '🎉.txt', disposition: 'inline' },
    `inline; filename="_.txt"; filename*=UTF-8''%F0%9F%8E%89.txt`,
  ],
  [
    { download: 'half \ud83c.txt' },
    `attachment; filename="half _.txt"; filename*=UTF-8''half%20%EF%BF%BD.txt`,
  ],
] as const)('%j is %j', (options, header) => {
  expect(contentDisposition(options)).toBe(header);
});
