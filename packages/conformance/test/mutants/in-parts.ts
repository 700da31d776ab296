import { MemoryBackend } from '@fieldfile/memory';
import { type Backend, FieldFileError, isFieldFileError, type WriteId } from '@fieldfile/storage';
import { type PartedWrites, type StoredPart, wholeOf, wrapBackend } from '@fieldfile/storage/backend';

/** Memory, whose parts are changed. */
function withParts(
  change: (inner: PartedWrites, backend: MemoryBackend) => Partial<PartedWrites>,
  undo?: (backend: MemoryBackend) => Partial<Pick<Backend, 'undo'>>,
): Backend {
  const memory = new MemoryBackend();
  const { parts } = memory;
  const inner: PartedWrites = {
    limits: parts.limits,
    begin: parts.begin.bind(parts),
    writePart: parts.writePart.bind(parts),
    complete: parts.complete.bind(parts),
  };
  const changed: PartedWrites = { ...inner, ...change(inner, memory) };
  return wrapBackend(memory, whole => ({ ...whole, parts: changed, ...undo?.(memory) }));
}

/** Puts parts together in the order in which they came. */
export function ordersByArrival(): Backend {
  const came: string[] = [];
  const at = ({ receipt }: StoredPart): number => came.indexOf(receipt);
  return withParts(inner => ({
    async writePart(...given) {
      const part = await inner.writePart(...given);
      came.push(part.receipt);
      return part;
    },
    complete: (write, parts, options) =>
      inner.complete(
        write,
        [...parts].sort((one, other) => at(one) - at(other)),
        options,
      ),
  }));
}

/** Takes the part that has the number, whichever it is. */
export function forgetsReceipts(): Backend {
  const known = new Map<number, StoredPart>();
  return withParts(inner => ({
    async writePart(...given) {
      const part = await inner.writePart(...given);
      known.set(part.number, part);
      return part;
    },
    complete: (write, parts, options) =>
      inner.complete(
        write,
        parts.map(part => known.get(part.number) ?? part),
        options,
      ),
  }));
}

/** Takes the place of whatever has the name. */
export function overtakesAll(): Backend {
  return withParts((inner, memory) => ({
    async complete(write, parts, options) {
      try {
        return await inner.complete(write, parts, options);
      } catch (error) {
        if (!isFieldFileError(error, 'precondition')) throw error;
        await memory.remove(write.name);
        return inner.complete(write, parts, options);
      }
    },
  }));
}

/** Knows nothing of a write that it has completed. */
export function completesOnce(): Backend {
  const done = new Set<WriteId>();
  return withParts(inner => ({
    async complete(write, parts, options) {
      if (done.has(write.writeId)) throw new FieldFileError('conflict', 'Done before.', { name: write.name });
      const info = await inner.complete(write, parts, options);
      done.add(write.writeId);
      return info;
    },
  }));
}

/** Does not take back a write that is under way. */
export function keepsPartsOfUndone(): Backend {
  return withParts(
    () => ({}),
    memory => ({
      undo: async (name, writeId, options) =>
        (await memory.info(name)) ? memory.undo(name, writeId, options) : 'absent',
    }),
  );
}

/** Holds the name with an object that everybody sees. */
export function showsWhatHoldsNames(): Backend {
  return withParts((inner, memory) => ({
    async begin(names, options) {
      const write = await inner.begin(names, options);
      await memory.replace(write.name, { replayable: true, async *open() {} }, options);
      return write;
    },
  }));
}

/** Takes back the objects of writes that belong to the one that is taken back, too. */
export function undoesWhatBelongsToIt(): Backend {
  return withParts(
    () => ({}),
    memory => ({
      async undo(name, writeId, options) {
        const info = await memory.info(name);
        const isWithin = info?.writeId !== undefined && wholeOf(info.writeId) === writeId;
        return memory.undo(name, isWithin ? info.writeId : writeId, options);
      },
    }),
  );
}
