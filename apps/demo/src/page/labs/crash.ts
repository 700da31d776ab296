import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import {
  type CrashReport,
  FAULTS,
  type RaceReport,
  SAVE_STEPS,
  type WorldView,
} from '../../labs/crash-view.ts';
import { request } from '../api.ts';
import { formatCount } from '../format.ts';
import { html } from '../html.ts';
import { sayError } from '../toasts.ts';

/** A save that is killed where you say, for real, and what `recover()` makes of what it left. */
export function CrashLab(): VNode {
  const [report, setReport] = useState<CrashReport | RaceReport>();
  const [chosen, choose] = useState<string>();
  const [isRunning, setIsRunning] = useState(false);

  const run = async (name: string, path: string): Promise<void> => {
    choose(name);
    setIsRunning(true);
    setReport(undefined);
    try {
      setReport(await request('POST', path));
    } catch (error) {
      sayError(error);
    } finally {
      setIsRunning(false);
    }
  };
  const isLater = (index: number): boolean =>
    SAVE_STEPS.findIndex(({ step }) => step === chosen) >= 0 &&
    index > SAVE_STEPS.findIndex(({ step }) => step === chosen);

  return html`
    <h1>What is left when a process dies?</h1>
    <p class="lead">
      A row has the file old.txt. A process of its own replaces it by new.txt: these are its steps. Click one: the process is
      killed there, with SIGKILL. Then the application starts again and calls <code>recover()</code>.
    </p>
    <ol class="steps">
      ${SAVE_STEPS.map(
        ({ step, title, text }, index) => html`
          <li key=${step} class=${step === chosen ? 'killed' : isLater(index) ? 'later' : ''}>
            <button
              type="button"
              disabled=${isRunning}
              aria-label=${`Kill it at: ${title}. ${text}`}
              title=${text}
              onClick=${() => run(step, `/api/crash?step=${encodeURIComponent(step)}`)}
            >
              <span class="dot" data-sign=${step === chosen ? '✕' : index + 1}></span>${title}
            </button>
          </li>
        `,
      )}
    </ol>
    <div class="controls">
      ${Object.entries(FAULTS).map(
        ([fault, text]) => html`
          <button type="button" key=${fault} disabled=${isRunning} aria-pressed=${chosen === fault} onClick=${() => run(fault, `/api/crash?fault=${fault}`)}>
            ${text}
          </button>
        `,
      )}
      <button type="button" disabled=${isRunning} aria-pressed=${chosen === 'race'} onClick=${() => run('race', '/api/race')}>
        Twenty writers of one name
      </button>
    </div>
    <p class="rate" role="status">${isRunning ? 'Running…' : (SAVE_STEPS.find(({ step }) => step === chosen)?.text ?? ' ')}</p>
    ${report && ('names' in report ? html`<${Race} report=${report} />` : html`<${Worlds} report=${report} />`)}
  `;
}

function Worlds({ report }: { readonly report: CrashReport }): VNode {
  const { note = '', signal, error, begin, before, recovered, after } = report;
  return html`
    <div class="columns worlds">
      <${World} title="Before the save" view=${begin}>The row and its object.<//>
      <${World} title=${signal ? `Killed with ${signal}` : 'After the save'} view=${before} isBad=${signal !== null || Boolean(error)}>
        ${signal ? 'Nobody could tidy up.' : error ? `The save failed: ${error.code}.` : 'The save succeeded.'} ${note}
      <//>
      <${World} title="After recover()" view=${after} isGood=${isConsistent(after)}>
        ${`${recovered.undone} undone, ${recovered.finished} finished. `}
        ${isConsistent(after) ? 'Row and object agree.' : ''}
      <//>
    </div>
  `;
}

/** One object, and the row names it. */
const isConsistent = ({ objects, row, journal, leftovers }: WorldView): boolean =>
  objects.length === 1 && objects[0]?.name === row.file && journal.length === 0 && leftovers === 0;

interface WorldProps {
  readonly title: string;
  readonly view: WorldView;
  readonly isBad?: boolean;
  readonly isGood?: boolean;
  readonly children?: unknown;
}

const World = ({ title, view, isBad, isGood, children }: WorldProps): VNode => html`
  <section class=${`lab ${isBad ? 'bad' : ''} ${isGood ? 'good' : ''}`} aria-label=${title}>
    <h2>${title}</h2>
    <p class="rate">${children}</p>
    <h3>Row</h3>
    <p class="thing row">${view.row.file ?? 'no file'}</p>
    <h3>Storage</h3>
    <ul>
      ${view.objects.map(
        ({
          name,
          text,
        }) => html`<li key=${name} class=${`thing ${name === view.row.file ? 'named' : 'unnamed'}`}>
          ${name}<small>${text}</small>
        </li>`,
      )}
      ${view.leftovers > 0 && html`<li class="thing unnamed">${formatCount(view.leftovers, 'part')}<small>under no name</small></li>`}
    </ul>
    <h3>Journal</h3>
    <ul>
      ${view.journal.map(
        (entry, index) => html`<li key=${index} class="thing entry">
          ${entry.kind}, ${entry.state}<small>${entry.name}${entry.oldName && ` in place of ${entry.oldName}`}</small>
        </li>`,
      )}
      ${view.journal.length === 0 && html`<li class="rate">empty</li>`}
    </ul>
  </section>
`;

const Race = ({ report }: { readonly report: RaceReport }): VNode => html`
  <section class=${`lab ${report.whole ? 'good' : 'bad'}`} aria-label="Twenty writers of one name">
    <h2>${`Twenty writers wanted ${report.wanted}`}</h2>
    <p class="rate">
      ${`${new Set(report.names).size} objects in ${report.milliseconds} ms. `}
      ${report.whole ? 'Each is whole, and nobody’s was overwritten.' : 'Something is wrong.'}
    </p>
    <ul class="names">
      ${report.names.map(name => html`<li key=${name} class=${`thing ${name === report.wanted ? 'named' : ''}`}>${name}</li>`)}
    </ul>
  </section>
`;
