import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { CopyProgress } from '../../labs/storage-view.ts';
import { formatBytes, formatCount, SHELF_NAMES } from '../format.ts';
import { html } from '../html.ts';
import { library } from '../library/state.ts';
import { Choice } from '../library/toolbar.ts';
import { sayError } from '../toasts.ts';
import { jsonLines } from './json-lines.ts';

/** All files of one storage on another one, each read back and compared. */
export function CopyForm(): VNode {
  const { shelves } = library.use();
  const [from, chooseFrom] = useState('fs');
  const [to, chooseTo] = useState('memory');
  const [progress, setProgress] = useState<CopyProgress>();
  const [isRunning, setIsRunning] = useState(false);
  const options = shelves.map(({ name }) => [name, SHELF_NAMES[name]]);
  const run = async (): Promise<void> => {
    setIsRunning(true);
    try {
      for await (const line of jsonLines<CopyProgress>(`/api/storage/${from}/copy?to=${to}`))
        setProgress(line);
    } catch (error) {
      sayError(error);
    } finally {
      setIsRunning(false);
    }
  };
  return html`
    <section class="lab" aria-label="Copy">
      <h2>Copy to another storage</h2>
      <p class="rate">The bytes go from storage to storage. Each copy is read back, and its SHA-256 compared.</p>
      <div class="controls">
        <${Choice} label="From" value=${from} options=${options} choose=${chooseFrom} />
        <span aria-hidden="true">→</span>
        <${Choice} label="To" value=${to} options=${options} choose=${chooseTo} />
        <button class="primary" type="button" disabled=${isRunning || from === to} onClick=${run}>Copy all files</button>
      </div>
      ${
        progress &&
        html`
          <progress aria-label="Files copied" max=${progress.total || 1} value=${progress.done}></progress>
          <p role="status">
            ${`${progress.done} of ${formatCount(progress.total, 'file')}, ${formatBytes(progress.bytes)}: ${progress.verified} verified, ${progress.skipped} there already, ${progress.failed} failed.`}
          </p>
        `
      }
    </section>
  `;
}
