import type { VNode } from 'preact';
import type { Ownership } from '../../labs/memory-view.ts';
import { html } from '../html.ts';

/** Who points to whom. A whole line keeps what it leads to in memory, a broken one does not. */
const PICTURES: Readonly<Record<Ownership, { readonly label: string; readonly lines: VNode }>> = {
  strong: {
    label: 'Your list holds the file, the file holds its row: the row stays.',
    lines: html`<path class="keeps" d="M72 30H112" marker-end="url(#arrow-strong)" />
      <path class="keeps" d="M188 30H228" marker-end="url(#arrow-strong)" />`,
  },
  naive: {
    label: 'The file refers to its row weakly, but the engine holds the row until the job ends.',
    lines: html`
      <path class="keeps" d="M72 30H112" marker-end="url(#arrow-naive)" />
      <path class="weak" d="M188 30H228" marker-end="url(#arrow-naive)" />
      <path class="keeps bad" d="M188 82H262V52" marker-end="url(#arrow-naive)" />
      <g class="box engine"><rect x="100" y="66" width="88" height="32" rx="7" /><text x="144" y="86">the engine</text></g>
    `,
  },
  weak: {
    label: 'The file refers to its row weakly, and the engine is made to let go of it.',
    lines: html`
      <path class="keeps" d="M72 30H112" marker-end="url(#arrow-weak)" />
      <path class="weak" d="M188 30H228" marker-end="url(#arrow-weak)" />
      <g class="box gone"><rect x="100" y="66" width="88" height="32" rx="7" /><text x="144" y="86">the engine</text></g>
    `,
  },
};

export function OwnershipPicture({ ownership }: { readonly ownership: Ownership }): VNode {
  const { label, lines } = PICTURES[ownership];
  const box = (x: number, text: string, name = ''): VNode => html`
    <g class=${`box ${name}`}><rect x=${x} y="12" width="72" height="36" rx="7" /><text x=${x + 36} y="34">${text}</text></g>
  `;
  return html`
    <figure class="picture">
      <svg viewBox="0 0 306 104" role="img" aria-label=${label}>
        <defs>
          <marker id=${`arrow-${ownership}`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0L8 4L0 8Z" fill="context-stroke" />
          </marker>
        </defs>
        ${box(2, 'your list')} ${box(116, 'file')} ${box(232, 'row', 'row')} ${lines}
      </svg>
      <figcaption>${label}</figcaption>
    </figure>
  `;
}
