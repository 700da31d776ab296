import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type MemoryOrder, type MemorySample, OWNERSHIPS, type Ownership } from '../../labs/memory-view.ts';
import { formatBytes } from '../format.ts';
import { html } from '../html.ts';
import { Choice } from '../library/toolbar.ts';
import { Chart } from './chart.ts';
import { OwnershipPicture } from './ownership-picture.ts';

const MEGABYTE = 1024 ** 2;
const SIZES: Readonly<
  Record<string, { readonly text: string; readonly rows: number; readonly bytes: number }>
> = {
  '1': { text: '200 rows of 1 MB', rows: 200, bytes: MEGABYTE },
  '10': { text: '40 rows of 10 MB', rows: 40, bytes: 10 * MEGABYTE },
  '100': { text: '8 rows of 100 MB', rows: 8, bytes: 100 * MEGABYTE },
};

const NAMES: Readonly<Record<Ownership, string>> = {
  strong: 'A strong reference',
  naive: 'A WeakRef by itself',
  weak: 'FieldFile',
};

/** So many squares stand for the rows. */
const SQUARES = 40;

/** Why the project exists: what a held file keeps in memory, measured while you look. */
export function MemoryLab(): VNode {
  const [size, chooseSize] = useState('10');
  const [held, choose] = useState('true');
  const [order, setOrder] = useState<MemoryOrder>();
  const [samples, setSamples] = useState<readonly MemorySample[]>([]);
  const [state, setState] = useState<'ready' | 'running' | 'failed'>('ready');
  const source = useRef<EventSource>(undefined);
  const stop = (): void => source.current?.close();
  useEffect(() => stop, []);

  const run = (next: MemoryOrder): void => {
    stop();
    setOrder(next);
    setSamples([]);
    setState('running');
    const events = new EventSource(
      `/api/memory?${new URLSearchParams(Object.entries(next).map(([name, value]) => [name, String(value)]))}`,
    );
    source.current = events;
    events.addEventListener('message', ({ data }) =>
      setSamples(all => [...all, JSON.parse(data) as MemorySample]),
    );
    const end = (result: 'ready' | 'failed') => () => {
      events.close();
      setState(result);
    };
    events.addEventListener('end', end('ready'));
    events.addEventListener('error', end('failed'));
  };

  const { rows, bytes } = SIZES[size] ?? { rows: 1, bytes: MEGABYTE };
  const maxY = Math.max(1, ...samples.map(({ rssBytes }) => rssBytes));
  return html`
    <h1>Does holding a file keep its row in memory?</h1>
    <p class="lead">
      A program loads rows, takes the file of each, and goes on. Here three processes do that at once, in one job. They differ in
      how a file knows its row. Each square is a row: it is filled for as long as the row is in memory.
    </p>
    <div class="controls">
      <${Choice}
        label="Rows"
        value=${size}
        options=${Object.entries(SIZES).map(([name, { text }]) => [name, text])}
        choose=${chooseSize}
      />
      <${Choice}
        label="What becomes of the files"
        value=${held}
        options=${[['true', 'files are held'], ['false', 'files are dropped']]}
        choose=${choose}
      />
      <button
        class="primary"
        type="button"
        disabled=${state === 'running'}
        onClick=${() => run({ rows, rowBytes: bytes, held: held === 'true' })}
      >
        Load the rows
      </button>
      <button type="button" disabled=${state === 'running'} onClick=${() => run({ rows: 10_000, rowBytes: 8192, held: true })}>
        Hold 10,000 files
      </button>
      <span class="rate" role="status">${{ ready: samples.length > 0 ? 'Done.' : '', running: 'Running…', failed: 'The server cannot be reached.' }[state]}</span>
    </div>
    <div class="columns">
      ${OWNERSHIPS.map(
        ownership => html`
          <${Column}
            key=${ownership}
            ownership=${ownership}
            order=${order}
            samples=${samples.filter(sample => sample.ownership === ownership)}
            maxY=${maxY}
          />
        `,
      )}
    </div>
  `;
}

interface ColumnProps {
  readonly ownership: Ownership;
  readonly order: MemoryOrder | undefined;
  readonly samples: readonly MemorySample[];
  readonly maxY: number;
}

function Column({ ownership, order, samples, maxY }: ColumnProps): VNode {
  const last = samples.at(-1);
  const peak = Math.max(0, ...samples.map(({ rssBytes }) => rssBytes));
  const rows = Math.max(order?.rows ?? 0, last?.loaded ?? 0);
  return html`
    <section class="lab" data-ownership=${ownership} aria-label=${NAMES[ownership]}>
      <h2>${NAMES[ownership]}</h2>
      <${OwnershipPicture} ownership=${ownership} />
      <p class="figure"><strong>${last?.alive ?? '–'}</strong> of ${last?.loaded ?? 0} rows alive</p>
      <${Squares} rows=${rows} loaded=${last?.loaded ?? 0} alive=${last?.alive ?? 0} />
      <p class="figure"><strong>${last ? `+${formatBytes(last.rssBytes)}` : '–'}</strong> of memory</p>
      <${Chart}
        points=${pointsOf(samples, rows)}
        maxX=${rows * END}
        maxY=${maxY}
        label=${`Memory of the process while it loads: at most ${formatBytes(peak)} more`}
      />
      <p class="rate">${last ? `At most +${formatBytes(peak)}.` : ' '}</p>
      <p class="rate">
        ${
          last?.when === 'turn'
            ? `The job has ended. ${last.held.toLocaleString('en')} files are held, ${last.alive} rows live.`
            : (last && 'In one job: nothing else can run.') || ' '
        }
      </p>
    </section>
  `;
}

/** The sample after the job stands a bit to the right of the last one in it. */
const END = 1.06;

const pointsOf = (samples: readonly MemorySample[], rows: number): readonly { x: number; y: number }[] => [
  { x: 0, y: 0 },
  ...samples.map(({ when, loaded, rssBytes }) => ({ x: when === 'turn' ? rows * END : loaded, y: rssBytes })),
];

interface SquaresProps {
  readonly rows: number;
  readonly loaded: number;
  readonly alive: number;
}

/** The rows, the last ones filled: those are the ones that live. */
function Squares({ rows, loaded, alive }: SquaresProps): VNode {
  const count = Math.min(SQUARES, rows || SQUARES);
  const scale = rows > 0 ? count / rows : 0;
  const end = Math.ceil(loaded * scale);
  const begin = end - Math.ceil(alive * scale);
  const stateOf = (index: number): string => (index >= end ? 'coming' : index >= begin ? 'alive' : 'free');
  return html`
    <div class="squares" aria-hidden="true">
      ${Array.from({ length: count }, (_, index) => html`<i key=${index} class=${stateOf(index)}></i>`)}
    </div>
  `;
}
