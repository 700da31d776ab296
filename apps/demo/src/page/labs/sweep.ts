import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { SweepView } from '../../labs/storage-view.ts';
import { request } from '../api.ts';
import { SHELF_NAMES } from '../format.ts';
import { html } from '../html.ts';
import { library } from '../library/state.ts';
import { Choice } from '../library/toolbar.ts';
import { say, sayError } from '../toasts.ts';

const KINDS: Readonly<Record<string, string>> = {
  orphan: 'no row names it',
  missing: 'a row names it, and it is not there',
  shared: 'several rows name it',
  refused: 'a name that the storage refuses',
};

/** A storage and its rows side by side. Nothing is removed unless that is asked for. */
export function Sweep(): VNode {
  const { shelves } = library.use();
  const [shelf, choose] = useState('fs');
  const [found, setFound] = useState<SweepView>();
  const [isRunning, setIsRunning] = useState(false);
  const run = async (orphans: 'report' | 'delete'): Promise<void> => {
    setIsRunning(true);
    try {
      setFound(await request('POST', `/api/storage/${shelf}/sweep?orphans=${orphans}`));
    } catch (error) {
      sayError(error);
    } finally {
      setIsRunning(false);
    }
  };
  const stray = async (): Promise<void> => {
    try {
      const { name } = await request<{ readonly name: string }>('POST', `/api/storage/${shelf}/stray`);
      say(`${name} is there now, and no row names it.`);
    } catch (error) {
      sayError(error);
    }
  };
  return html`
    <section class="lab" aria-label="Sweep">
      <h2>Sweep</h2>
      <p class="rate">Finds objects that no row names, and rows whose object is not there.</p>
      <div class="controls">
        <${Choice}
          label="Storage to sweep"
          value=${shelf}
          options=${shelves.map(({ name }) => [name, SHELF_NAMES[name]])}
          choose=${(name: string) => {
            choose(name);
            setFound(undefined);
          }}
        />
        <button class="primary" type="button" disabled=${isRunning} onClick=${() => run('report')}>Look</button>
        <button type="button" onClick=${stray}>Leave an object there</button>
        ${
          found &&
          found.orphans > found.removed &&
          html`<button class="danger" type="button" disabled=${isRunning} onClick=${() => run('delete')}>
            Remove what no row names
          </button>`
        }
      </div>
      ${
        found &&
        html`
          <p role="status">
            ${`${found.objects} objects, ${found.rows} rows: ${found.orphans} without a row, ${found.missing} rows without an object. ${found.removed > 0 ? `${found.removed} removed.` : ''} ${found.braked ?? ''}`}
          </p>
          <ul>
            ${found.findings.map(
              ({
                kind,
                name,
              }) => html`<li key=${`${kind} ${name}`} class=${`thing ${kind === 'shared' ? 'entry' : 'unnamed'}`}>
                ${name}<small>${KINDS[kind]}</small>
              </li>`,
            )}
          </ul>
        `
      }
    </section>
  `;
}
