import type { Source } from '@fieldfile/core';
import type { Journal } from '@fieldfile/core/journal';
import type { Backend } from '@fieldfile/storage';
import { intercept } from './intercept.ts';
import type { Step, Steps } from './steps.ts';

/** Tells of the journal's part of an uploader's steps. */
export function uploaderJournal(journal: Journal, steps: Steps): Journal {
  return intercept(journal, {
    begin: told(journal.begin.bind(journal), steps, 'after journal begin'),
    rename: told(journal.rename.bind(journal), steps, 'after journal rename'),
    handBack: told(journal.handBack.bind(journal), steps, 'after hand back'),
    resume: told(journal.resume.bind(journal), steps, 'after resume'),
    take: told(journal.take.bind(journal), steps, 'after take'),
    end: told(journal.end.bind(journal), steps, 'after end'),
    endTaken: told(journal.endTaken.bind(journal), steps, 'after end'),
  });
}

/** Tells of the storage's part of an uploader's steps. */
export function uploaderBackend(backend: Backend, steps: Steps): Backend {
  return intercept(backend, {
    create: told(
      (source, names, options) => backend.create(interrupted(source, steps), names, options),
      steps,
      'after create',
    ),
    ...copying(backend, steps, 'after create'),
    replace: told(
      (key, source, options) => backend.replace(key, interrupted(source, steps), options),
      steps,
      'after replace',
    ),
    undo: told(backend.undo.bind(backend), steps, 'after undo'),
    ...settling(backend, steps, 'after settle'),
    remove: removing(backend, steps, 'before removal', 'after removal'),
  });
}

/** Tells of the journal's part of recovery's steps. */
export function recoveryJournal(journal: Journal, steps: Steps): Journal {
  return intercept(journal, {
    async claim(limit) {
      const entries = await journal.claim(limit);
      if (entries.length > 0) steps.reached('recover: after claim');
      return entries;
    },
    end: told(journal.end.bind(journal), steps, 'recover: after end'),
    undone: told(journal.undone.bind(journal), steps, 'recover: after end'),
  });
}

/** Tells of the storage's part of recovery's steps. */
export function recoveryBackend(backend: Backend, steps: Steps): Backend {
  return intercept(backend, {
    undo: told(backend.undo.bind(backend), steps, 'recover: after undo'),
    ...settling(backend, steps, 'recover: after settle'),
    remove: removing(backend, steps, 'recover: before removal', 'recover: after removal'),
  });
}

function told<Arguments extends unknown[], Result>(
  method: (...given: Arguments) => Promise<Result>,
  steps: Steps,
  step: Step,
): (...given: Arguments) => Promise<Result> {
  return async (...given) => {
    const result = await method(...given);
    steps.reached(step);
    return result;
  };
}

/** Not every storage has something to settle. */
const settling = (backend: Backend, steps: Steps, step: Step): Pick<Backend, 'settle'> =>
  backend.settle ? { settle: told(backend.settle.bind(backend), steps, step) } : {};

const copying = (backend: Backend, steps: Steps, step: Step): Pick<Backend, 'copy'> =>
  backend.copy ? { copy: told(backend.copy.bind(backend), steps, step) } : {};

const removing =
  (backend: Backend, steps: Steps, before: Step, after: Step): Backend['remove'] =>
  async (key, options) => {
    steps.reached(before);
    const removed = await backend.remove(key, options);
    steps.reached(after);
    return removed;
  };

/** A source with a step after its first bytes: as a stream, whatever it was. */
function interrupted(source: Source, steps: Steps): Source {
  const { sizeBytes, replayable } = source;
  return {
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    replayable,
    async *open(signal) {
      for await (const chunk of source.open(signal)) {
        yield chunk;
        steps.reached('mid-upload');
      }
    },
  };
}
