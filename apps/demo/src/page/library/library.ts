import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { formatCount } from '../format.ts';
import { html } from '../html.ts';
import { Cards } from './cards.ts';
import { DropTarget } from './drop-target.ts';
import { FilePanel } from './file-panel.ts';
import { EVERYTHING, type Selection, select } from './selection.ts';
import { library } from './state.ts';
import { Toolbar } from './toolbar.ts';
import { Tray } from './tray.ts';
import { uploadFiles } from './uploads.ts';

/** The first page: all files of all storages. */
export function Library(): VNode {
  const { files, connection } = library.use();
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
        connection !== 'connecting' &&
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
    <${DropTarget} onFiles=${(dropped: readonly File[]) => uploadFiles(dropped, shelf)} />
    <${Tray} />
  `;
}
