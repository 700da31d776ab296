import type { FileContent, SaveOptions } from '../field/field-file.ts';
import type { FileState } from '../field/file-state.ts';
import { checkSaveOptions, namedContent } from '../field/named-content.ts';
import { offeredContent } from '../field/shown-content.ts';
import { releaseSnapshot } from '../field/snapshot.ts';
import { operate, owningContent } from './operate.ts';
import { persist } from './persist.ts';
import { stageContent } from './stage-content.ts';

/** `handle.save`: the bytes first, then the row. */
export function saveFile(handle: FileState, content: FileContent, options: SaveOptions): Promise<void> {
  return owningContent(content, async () => {
    checkSaveOptions(handle.field.label, 'save', options);
    // Now, not in its turn: another row's file may be another one by then.
    const offered = offeredContent(content, options, handle.field.label);
    await operate(handle, 'save', async owner => {
      const named = namedContent(offered.content, offered.options, handle.field.rules);
      const change = await stageContent(handle, owner, named, offered.options);
      await persist(change, owner, options);
    }).finally(() => releaseSnapshot(offered.content, handle.field.model.binding));
  });
}
