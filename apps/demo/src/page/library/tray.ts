import type { VNode } from 'preact';
import type { ShelfView } from '../../library/file-view.ts';
import { formatBytes, formatCount, formatSeconds } from '../format.ts';
import { html } from '../html.ts';
import { Icon } from '../icons.ts';
import {
  cancelUpload,
  cancelUploads,
  forgetUploads,
  isResumable,
  isUnderWay,
  pauseUpload,
  retryUploads,
  type Upload,
  uploads,
} from './uploads.ts';

/** So many lines are shown: of two hundred files nobody reads each. */
const SHOWN = 6;

/** What is being sent, how fast, and for how much longer. */
export function Tray(): VNode | null {
  const { all, bytesPerSecond } = uploads.use();
  if (all.length === 0) return null;
  const open = all.filter(isUnderWay);
  const failed = all.filter(({ state }) => state === 'failed');
  const stored = all.filter(({ state }) => state === 'stored').length;
  const total = all.reduce((sum, { file }) => sum + file.size, 0);
  const sent = all.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  const shown = [...failed, ...all.filter(isBegun), ...all.filter(isWaiting)];
  return html`
    <section class="tray" aria-label="Uploads">
      <header>
        <h2>${open.length > 0 ? `Uploading ${formatCount(open.length, 'file')}` : summary(stored, failed.length)}</h2>
        ${failed.length > 0 && html`<button type="button" onClick=${retryUploads}>Try again</button>`}
        ${
          open.length > 0
            ? html`<button type="button" onClick=${() => cancelUploads(open)}>
                Cancel all
              </button>`
            : html`<button class="quiet" type="button" aria-label="Close" onClick=${forgetUploads}>
                <${Icon} name="close" />
              </button>`
        }
      </header>
      ${
        open.length > 0 &&
        html`
          <progress aria-label="All uploads" max=${total || 1} value=${sent}></progress>
          <p class="rate">
            ${formatBytes(sent)} of ${formatBytes(total)}
            ${bytesPerSecond > 1 && ` · ${formatBytes(bytesPerSecond)}/s · ${formatSeconds((total - sent) / bytesPerSecond)} left`}
          </p>
        `
      }
      <ul>
        ${shown.slice(0, SHOWN).map(upload => html`<${Line} key=${upload.id} upload=${upload} />`)}
      </ul>
      ${shown.length > SHOWN && html`<p class="rate">and ${formatCount(shown.length - SHOWN, 'more file')}</p>`}
    </section>
  `;
}

const isBegun = ({ state }: Upload): boolean => state === 'sending' || state === 'paused';
const isWaiting = ({ state }: Upload): boolean => state === 'waiting';

function summary(stored: number, failed: number): string {
  if (failed > 0) return `${formatCount(failed, 'file')} could not be stored`;
  return stored > 0 ? `${formatCount(stored, 'file')} stored` : 'Cancelled';
}

/** Where a large file goes. */
const WAYS: Readonly<Record<ShelfView['largeFiles'], string>> = {
  'in parts': 'in parts to the storage',
  'to a session': 'straight to the storage',
  'piece by piece': 'piece by piece',
};

function Line({ upload }: { readonly upload: Upload }): VNode {
  const { id, file, way, state, sentBytes, message } = upload;
  return html`
    <li data-state=${state}>
      <span class="name">
        <bdi>${file.name}</bdi>
        ${way !== 'whole' && html`<small>${WAYS[way]}</small>`}
      </span>
      ${
        state === 'failed'
          ? html`<span class="error">${message}</span>`
          : html`<progress aria-label=${file.name} max=${file.size || 1} value=${sentBytes}></progress>`
      }
      ${isBegun(upload) && isResumable(upload) && html`<${PauseButton} upload=${upload} />`}
      ${
        state !== 'failed' &&
        html`<button class="quiet" type="button" aria-label=${`Cancel ${file.name}`} onClick=${() => cancelUpload(id)}>
          <${Icon} name="close" />
        </button>`
      }
    </li>
  `;
}

function PauseButton({ upload: { id, file, state } }: { readonly upload: Upload }): VNode {
  const isPaused = state === 'paused';
  return html`
    <button
      class="quiet"
      type="button"
      aria-label=${`${isPaused ? 'Go on with' : 'Pause'} ${file.name}`}
      onClick=${() => pauseUpload(id, !isPaused)}
    >
      <${Icon} name=${isPaused ? 'play' : 'pause'} />
    </button>
  `;
}
