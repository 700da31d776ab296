import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { StoragePageView } from '../../labs/storage-view.ts';
import { request } from '../api.ts';
import { formatTime, SHELF_NAMES } from '../format.ts';
import { html } from '../html.ts';
import { library } from '../library/state.ts';
import { sayError } from '../toasts.ts';
import { CopyForm } from './copy-form.ts';
import { Sweep } from './sweep.ts';

/** For who runs an application: what is under way, what does not fit, and what was given away. */
export function StoragePage(): VNode {
  const { files } = library.use();
  const [view, setView] = useState<StoragePageView | Error>();
  const load = (): Promise<void> =>
    request<StoragePageView>('GET', '/api/storage').then(setView, error => setView(error as Error));
  // Every change leaves its mark in the journal.
  useEffect(() => void load(), [files]);
  return html`
    <h1>Storages</h1>
    <p class="lead">
      Rows and objects are compared both ways, changes that are under way are in the journal, and links can be taken back.
    </p>
    ${view instanceof Error && html`<p class="notice" role="alert">${view.message}</p>`}
    <div class="columns wide">
      <${Sweep} />
      <${CopyForm} />
      ${view && !(view instanceof Error) && html`<${JournalEntries} view=${view} load=${load} /><${GivenLinks} view=${view} load=${load} />`}
    </div>
  `;
}

interface SectionProps {
  readonly view: StoragePageView;
  readonly load: () => Promise<void>;
}

function JournalEntries({ view, load }: SectionProps): VNode {
  const aside = view.journal.filter(({ setAside }) => setAside).length;
  const retry = (): Promise<void> => request('POST', '/api/journal/retry').then(load, sayError);
  return html`
    <section class="lab" aria-label="Journal">
      <h2>Journal</h2>
      <p class="rate">What was deleted stays for two minutes, so that it can be brought back. Then recovery removes it.</p>
      <div class="controls">
        <button type="button" onClick=${load}>Look again</button>
        ${aside > 0 && html`<button type="button" onClick=${retry}>Try again what was set aside</button>`}
      </div>
      <ul>
        ${view.journal.map(
          entry => html`<li key=${entry.id} class="thing entry">
            ${`${entry.kind}, ${entry.setAside ? 'set aside' : entry.state}`}
            <small>${[entry.name, entry.oldName && `to be removed: ${entry.oldName}`].filter(Boolean).join(', ')}</small>
          </li>`,
        )}
        ${view.journal.length === 0 && html`<li class="rate">Nothing is under way.</li>`}
      </ul>
    </section>
  `;
}

function GivenLinks({ view, load }: SectionProps): VNode {
  const takeBack = (shelf: string, id: string): Promise<void> =>
    request('DELETE', `/api/links/${shelf}/${encodeURIComponent(id)}`).then(load, sayError);
  return html`
    <section class="lab" aria-label="Links">
      <h2>Links</h2>
      <p class="rate">The panel of a file gives links: they hold for a day and for three uses, unless they are taken back.</p>
      <ul>
        ${view.links.map(
          ({ id, shelf, name, state, uses, maxUses, expiresAt }) => html`
            <li key=${id} class="thing link">
              <span>
                <bdi>${name}</bdi>
                <small>${`${SHELF_NAMES[shelf]}, used ${uses} of ${maxUses ?? 'any'} times, ${state === 'open' ? `ends ${formatTime(expiresAt)}` : state}`}</small>
              </span>
              <button type="button" aria-label=${`Take back the link to ${name}`} onClick=${() => takeBack(shelf, id)}>
                Take back
              </button>
            </li>
          `,
        )}
        ${view.links.length === 0 && html`<li class="rate">No link is given.</li>`}
      </ul>
    </section>
  `;
}
