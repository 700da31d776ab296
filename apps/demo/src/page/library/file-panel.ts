import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FileDetails, FileView } from '../../library/file-view.ts';
import { request } from '../api.ts';
import { formatBytes, formatTime, SHELF_NAMES } from '../format.ts';
import { html } from '../html.ts';
import { Icon } from '../icons.ts';
import { copyTo, giveLink, remove, rename, replace } from './actions.ts';
import { Preview } from './preview.ts';
import { library } from './state.ts';
import { Choice } from './toolbar.ts';

/**
 * One file: how it looks, what is known of it, and what can be done with it. It lies beside the library, which can still be
 * used.
 */
export function FilePanel({ id, close }: { readonly id: string; readonly close: () => void }): VNode | null {
  const { files } = library.use();
  const panel = useRef<HTMLDivElement>(null);
  const last = useRef<FileView>(undefined);
  const file = files.get(id);
  if (file) last.current = file;
  useLayoutEffect(() => {
    panel.current?.focus();
    return () => document.querySelector<HTMLElement>(`.card[data-file="${id}"]`)?.focus();
  }, []);
  const shown = last.current;
  if (!shown) return null;
  return html`
    <div
      class="panel"
      role="dialog"
      tabindex="-1"
      ref=${panel}
      aria-labelledby="panel-title"
      onKeyDown=${({ key }: KeyboardEvent) => key === 'Escape' && close()}
    >
      <header>
        <h2 id="panel-title" title=${shown.title}><bdi>${shown.title}</bdi></h2>
        <button class="quiet" type="button" aria-label="Close" onClick=${close}><${Icon} name="close" /></button>
      </header>
      ${
        file
          ? html`
              <${Preview} file=${file} />
              <${Actions} file=${file} close=${close} />
              <${Facts} file=${file} />
            `
          : html`<p class="notice" role="alert">This file was deleted.</p>`
      }
    </div>
  `;
}

interface ActionsProps {
  readonly file: FileView;
  readonly close: () => void;
}

function Actions({ file, close }: ActionsProps): VNode {
  const { shelves } = library.use();
  const [isRenaming, setIsRenaming] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const others = shelves.filter(({ name }) => name !== file.shelf);
  return html`
    <div class="actions">
      <a class="button" href=${`/files/${file.id}?download`} download><${Icon} name="download" />Download</a>
      <button type="button" aria-expanded=${isRenaming} onClick=${() => setIsRenaming(!isRenaming)}>
        <${Icon} name="rename" />Rename
      </button>
      <button type="button" onClick=${() => picker.current?.click()}><${Icon} name="replace" />Replace</button>
      <input
        ref=${picker}
        type="file"
        hidden
        aria-label="New content"
        onChange=${({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => {
          const [content] = currentTarget.files ?? [];
          if (content) void replace(file, content);
          currentTarget.value = '';
        }}
      />
      <button type="button" onClick=${() => giveLink(file)}><${Icon} name="link" />Give a link</button>
        <${Choice}
          label="Copy to another storage"
          value=""
          options=${[['', 'Copy to…'], ...others.map(({ name }) => [name, SHELF_NAMES[name]])]}
          choose=${(shelf: string) => shelf !== '' && void copyTo(file, shelf)}
        />
      <button
        class="danger"
        type="button"
        onClick=${() => {
          close();
          void remove(file);
        }}
      >
        <${Icon} name="remove" />Delete
      </button>
    </div>
    ${isRenaming && html`<${RenameForm} file=${file} done=${() => setIsRenaming(false)} />`}
  `;
}

function RenameForm({ file, done }: { readonly file: FileView; readonly done: () => void }): VNode {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await rename(file, input.current?.value ?? '')) done();
  };
  return html`
    <form class="rename" onSubmit=${submit}>
      <input ref=${input} dir="auto" required maxlength="300" aria-label="New name" defaultValue=${file.title} />
      <button class="primary" type="submit">Save</button>
    </form>
  `;
}

function Facts({ file }: { readonly file: FileView }): VNode {
  const [details, setDetails] = useState<FileDetails | Error>();
  useEffect(() => {
    let isLeft = false;
    const show = (found: FileDetails | Error): void => void (isLeft || setDetails(found));
    request<FileDetails>('GET', `/api/library/${file.id}`).then(show, show);
    return () => {
      isLeft = true;
    };
  }, [file.id, file.version]);
  const known = details instanceof Error ? undefined : details;
  const rows: readonly (readonly [name: string, value: unknown])[] = [
    ['Size', `${formatBytes(file.sizeBytes)} (${file.sizeBytes.toLocaleString('en')} bytes)`],
    ['Type', file.contentType],
    ['Storage', SHELF_NAMES[file.shelf]],
    ['Added', formatTime(file.addedAt)],
    ['SHA-256', html`<code>${file.digest?.replace('sha256-', '') ?? 'unknown'}</code>`],
    ['Version of the row', file.version],
    ['Object', html`<code>${known?.objectName ?? '…'}</code>`],
    ['Version of the object', html`<code>${known?.objectVersion ?? '…'}</code>`],
    [
      'Signed URL',
      known?.url
        ? html`<a href=${known.url} target="_blank" rel="noreferrer">Open</a>, ends ${formatTime(known.urlEndsAt ?? 0)}`
        : '…',
    ],
  ];
  return html`
    ${details instanceof Error && html`<p class="notice" role="alert">${details.message}</p>`}
    <dl class="details">
      ${rows.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}
    </dl>
  `;
}
