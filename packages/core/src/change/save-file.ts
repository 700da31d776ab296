import type { Content, SaveOptions } from '../field/field-file.ts';
import type { Handle } from '../field/handle.ts';
import { checkSaveOptions, namedContent } from '../field/named-content.ts';
import { operate } from './operate.ts';
import { persist } from './persist.ts';
import { stageContent } from './stage-content.ts';
import { takingContent } from './taken-content.ts';

/** `handle.save`: the bytes first, then the row. */
export function saveFile(handle: Handle, content: Content, options: SaveOptions): Promise<void> {
  return takingContent(content, () =>
    operate(handle, 'save', async owner => {
      checkSaveOptions(handle.field.label, 'save', options);
      const named = namedContent(content, options, handle.field.rules);
      const change = await stageContent(handle, owner, named, options);
      await persist(change, owner, options);
    }),
  );
}
