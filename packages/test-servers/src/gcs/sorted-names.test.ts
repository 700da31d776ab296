import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedNames } from './sorted-names.ts';

const name = fc.string({ unit: 'grapheme', maxLength: 6 });
const bytewise = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

function all(names: SortedNames): string[] {
  const found: string[] = [];
  for (let at = names.first(''); at !== undefined; at = names.after(at)) found.push(at);
  return found;
}

test('names are kept once, in the order of their bytes', () => {
  fc.assert(
    fc.property(fc.array(name), fc.array(name), (added, deleted) => {
      const names = new SortedNames();
      for (const one of added) names.add(one);
      for (const one of deleted) names.delete(one);
      const left = new Set(added.filter(one => !deleted.includes(one)));
      expect(all(names)).toEqual([...left].sort(bytewise));
    }),
  );
});

test('what begins with a prefix is passed over as a whole', () => {
  fc.assert(
    fc.property(fc.array(name), name, (added, prefix) => {
      const names = new SortedNames();
      for (const one of added) names.add(one);
      const behind = added.filter(one => !one.startsWith(prefix) && bytewise(one, prefix) > 0).sort(bytewise);
      expect(names.first(prefix, 'past-prefix')).toBe(behind[0]);
    }),
  );
});
