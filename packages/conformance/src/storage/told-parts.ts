import assert from 'node:assert/strict';
import { storageParts } from '@fieldfile/storage/parts';
import { patternBytes } from '../content/pattern.ts';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const NAME = 'folder/told.bin';

/** C2: what a client is told of its parts is enough to complete them. */
export const toldParts: readonly StorageBehaviour[] = [
  {
    id: 'C2.parts-told',
    title:
      'a part whose length nobody knows is signed, and what the client is answered for it is its receipt',
    async run(context) {
      context.needs('create');
      const parts = storageParts(context.storage);
      if (!parts?.canSign) throw new Skip('signs no parts');
      const send = context.offered('fetch');
      const bytes = patternBytes(2, parts.limits.minPartBytes + 777);
      const pieces = [bytes.slice(0, parts.limits.minPartBytes), bytes.slice(parts.limits.minPartBytes)];
      const write = await parts.begin(NAME, { byClients: true });
      const stored = [];
      for (const [index, body] of pieces.entries()) {
        const number = index + 1;
        const place = { number, offset: index * parts.limits.minPartBytes };
        const { url, method, headers } = await parts.signPart(write, place, { expiresInSeconds: 60 });
        const response = await send(new Request(url, { method, headers, body }));
        await response.arrayBuffer();
        assert.ok(response.status < 300, `part ${number} was answered ${response.status}`);
        const receipt = response.headers.get('etag') ?? '';
        stored.push({ number, sizeBytes: body.byteLength, receipt });
      }
      assert.deepEqual(await parts.listParts(write), stored);
      const [one, two] = stored;
      if (one && two)
        await rejectsWith('integrity', parts.complete(write, [one, { ...two, receipt: one.receipt }]));
      const info = await parts.complete(write, stored);
      assert.equal(info.sizeBytes, bytes.byteLength);
      sameBytes(await context.read(NAME), bytes);
      await context.storage.settle(NAME, write.writeId);
    },
  },
];
