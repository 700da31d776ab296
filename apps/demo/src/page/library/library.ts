import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { formatCount } from '../format.ts';
import { html } from '../html.ts';
import { later, loadStyles } from '../later.ts';
import { Cards } from './cards.ts';
import { EVERYTHING, type Selection, select } from './selection.ts';
import { library } from './state.ts';
import { addFiles, Toolbar } from './toolbar.ts';

const DropTarget = later(async () => (await import('./drop-target.ts')).DropTarget);
const Tray = later(async () => (await import('./tray.ts')).Tray);
const FilePanel = later(async () => {
  const [{ FilePanel }] = await Promise.all([import('./file-panel.ts'), loadStyles('panel')]);
  return FilePanel;
});

/** The first page: all files of all storages. */
export function Library(): VNode {
  const { files, shelves, connection } = library.use();
  const [selection, setSelection] = useState(EVERYTHING);
  const [shelf, chooseShelf] = useState('fs');
  const [opened, open] = useState<string>();
  const shown = select(files.values(), selection);
  return html`
    <h1 class="hidden">Library</h1>
    <${Toolbar}
      selection=${selection}
      change=${(values: Partial<Selection>) => setSelection({ ...selection, ...values })}
      shelf=${shelf}
      chooseShelf=${chooseShelf}
    />
    ${
      connection === 'lost' &&
      html`<p class="notice" role="alert">
        The server cannot be reached. What you see may be old. This page goes on when the server is back.
      </p>`
    }
    <p class="count" role="status">
      ${
        shelves.length > 0 &&
        (shown.length === files.size
          ? formatCount(files.size, 'file')
          : `${shown.length} of ${formatCount(files.size, 'file')}`)
      }
    </p>
    ${
      connection === 'live' &&
      shown.length === 0 &&
      html`<p class="empty">
        ${files.size === 0 ? 'Drop files anywhere on this page, or add some.' : 'No file is like that.'}
      </p>`
    }
    <${Cards} files=${shown} open=${({ id }: { readonly id: string }) => open(id)} />
    ${opened !== undefined && html`<${FilePanel} key=${opened} id=${opened} close=${() => open(undefined)} />`}
    <${DropTarget} onFiles=${(dropped: readonly File[]) => addFiles(dropped, shelf)} />
    <${Tray} />
  `;
}
