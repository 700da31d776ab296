import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeptBeginning } from './kept-beginning.ts';

async function* numbered(count: number, onRead: (index: number) => void = () => {}) {
  for (let index = 0; index < count; index++) {
    onRead(index);
    yield Uint8Array.of(index);
  }
}

const all = async (chunks: AsyncIterable<Uint8Array>): Promise<number[]> =>
  (await Array.fromAsync(chunks)).map(([first = -1]) => first);

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('content whose beginning is kept', () => {
  test('is whole whenever an attempt ends within what is kept, and read once', async () => {
    const attempts = fc.array(fc.nat({ max: 10 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(attempts, fc.nat({ max: 30 }), async (taken, count) => {
        const read: number[] = [];
        const kept = new KeptBeginning(
          numbered(count, index => read.push(index)),
          10,
        );
        for (const most of taken) {
          let left = most;
          for await (const _ of kept.open()) if (--left <= 0) break;
          expect(kept.isWhole).toBe(true);
        }
        expect(await all(kept.open())).toEqual(upTo(count));
        expect(read).toEqual(upTo(count));
        expect(kept.isWhole).toBe(count <= 10);
      }),
    );
  });

  test('loses nothing that an attempt had asked for when it ended', async () => {
    const gates = upTo(4).map(() => Promise.withResolvers<void>());
    async function* gated(): AsyncGenerator<Uint8Array> {
      for (const [index, { promise }] of gates.entries()) {
        await promise;
        yield Uint8Array.of(index);
      }
    }
    // The third chunk is one more than is kept: whoever reads the kept ones still gets them.
    const kept = new KeptBeginning(gated(), 2);
    gates[0]?.resolve();
    gates[1]?.resolve();
    const first = kept.open();
    expect((await first.next()).value).toEqual(Uint8Array.of(0));
    expect((await first.next()).value).toEqual(Uint8Array.of(1));
    const left = first.next();
    const second = kept.open();
    expect((await second.next()).value).toEqual(Uint8Array.of(0));
    gates[2]?.resolve();
    expect((await left).done).toBe(true);
    gates[3]?.resolve();
    expect(await all(second)).toEqual([1, 2, 3]);
    expect(kept.isWhole).toBe(false);
  });

  test('is not whole after a failure, which every attempt gets', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(0);
      throw new Error('the content broke');
    }
    const kept = new KeptBeginning(failing(), 10);
    await expect(all(kept.open())).rejects.toThrow('the content broke');
    expect(kept.isWhole).toBe(false);
    await expect(all(kept.open())).rejects.toThrow('the content broke');
  });

  test('lets go of the content that is left', async () => {
    let isOver = false;
    async function* watched(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Uint8Array.of(0);
      } finally {
        isOver = true;
      }
    }
    const kept = new KeptBeginning(watched(), 10);
    for await (const _ of kept.open()) break;
    expect(isOver).toBe(false);
    kept.close();
    await Promise.resolve();
    expect(isOver).toBe(true);
    expect(kept.isWhole).toBe(false);
  });
});
