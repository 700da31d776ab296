import { defineFiles, model } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';
import { uploads } from '../src/receive.ts';
import { listen } from './listen.ts';

interface Row {
  id: number;
  avatar: string | null;
}

const { avatar } = defineFiles(model<Row>()('user', 'id'), { avatar: { storage: new MemoryStorage() } });

test('a form gives files and texts, one or several', async () => {
  await using site = await listen(
    uploads({
      authorize: () => true,
      fields: { avatar, pages: [avatar], title: 'text', tags: ['text'], missing: 'text', none: ['text'] },
      handle: received =>
        Response.json({
          ...received,
          avatar: received.avatar?.staged,
          pages: received.pages.map(({ staged }) => staged.name),
        }),
    }),
  );
  const form = new FormData();
  form.append('title', 'größe');
  form.append('tags', 'a');
  form.append('tags', 'b');
  form.append('other', 'passed over');
  form.append('avatar', new File([new Uint8Array(300_000)], 'grö"ße.txt', { type: 'text/plain' }));
  form.append('pages', new File(['x'], 'x.txt', { type: 'text/plain' }));
  form.append('pages', new File([], 'y.txt', { type: 'text/plain' }));
  const answer = await fetch(site.origin, { method: 'POST', body: form });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    avatar: { originalName: 'grö"ße.txt', sizeBytes: 300_000, contentType: 'text/plain' },
    pages: ['x.txt', 'y.txt'],
    title: 'größe',
    tags: ['a', 'b'],
    none: [],
  });
});
