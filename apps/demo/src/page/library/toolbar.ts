import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { KIND_NAMES, SHELF_NAMES } from '../format.ts';
import { html } from '../html.ts';
import { Icon } from '../icons.ts';
import { ORDERS, type Selection } from './selection.ts';
import { library } from './state.ts';

interface ToolbarProps {
  readonly selection: Selection;
  readonly change: (values: Partial<Selection>) => void;
  /** Where uploads go. */
  readonly shelf: string;
  readonly chooseShelf: (shelf: string) => void;
}

export function Toolbar({ selection, change, shelf, chooseShelf }: ToolbarProps): VNode {
  const { shelves } = library.use();
  const picker = useRef<HTMLInputElement>(null);
  return html`
    <div class="toolbar">
      <div class="upload">
        <button class="primary" type="button" onClick=${() => picker.current?.click()}>
          <${Icon} name="upload" />Add files
        </button>
        <input
          ref=${picker}
          type="file"
          multiple
          hidden
          aria-label="Files to add"
          onChange=${({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => {
            void addFiles([...(currentTarget.files ?? [])], shelf);
            currentTarget.value = '';
          }}
        />
        <label>
          <span>to</span>
          <${Choice}
            label="Where added files go"
            value=${shelf}
            options=${shelves.map(({ name, place }) => [name, `${SHELF_NAMES[name]} (${place})`])}
            choose=${chooseShelf}
          />
        </label>
      </div>
      <label class="search">
        <${Icon} name="search" />
        <input
          type="search"
          placeholder="Search"
          aria-label="Search by name"
          value=${selection.words}
          onInput=${({ currentTarget }: { readonly currentTarget: HTMLInputElement }) =>
            change({ words: currentTarget.value })}
        />
      </label>
      <div class="filters">
        <${Choice}
          label="Kind"
          value=${selection.kind}
          options=${[['all', 'All kinds'], ...Object.entries(KIND_NAMES)]}
          choose=${(kind: Selection['kind']) => change({ kind })}
        />
        <${Choice}
          label="Storage"
          value=${selection.shelf}
          options=${[['all', 'All storages'], ...shelves.map(({ name }) => [name, SHELF_NAMES[name]])]}
          choose=${(name: string) => change({ shelf: name })}
        />
        <${Choice}
          label="Order"
          value=${selection.order}
          options=${Object.entries(ORDERS)}
          choose=${(order: Selection['order']) => change({ order })}
        />
      </div>
    </div>
  `;
}

/** What sends files is not needed before there are some. */
export async function addFiles(files: readonly File[], shelf: string): Promise<void> {
  (await import('./uploads.ts')).uploadFiles(files, shelf);
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly choose: (value: string) => void;
}

export const Choice = ({ label, value, options, choose }: ChoiceProps): VNode => html`
  <select
    aria-label=${label}
    value=${value}
    onChange=${({ currentTarget }: { readonly currentTarget: HTMLSelectElement }) => choose(currentTarget.value)}
  >
    ${options.map(([name, text]) => html`<option key=${name} value=${name} selected=${name === value}>${text}</option>`)}
  </select>
`;
