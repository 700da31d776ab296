import type { VNode } from 'preact';
import type { FileView } from '../../library/file-view.ts';
import { formatBytes, SHELF_NAMES } from '../format.ts';
import { html } from '../html.ts';
import { Thumbnail } from './thumbnail.ts';

interface CardsProps {
  readonly files: readonly FileView[];
  readonly open: (file: FileView) => void;
}

/** The files. Arrows lead from one to the next, Enter opens one, Delete deletes it. */
export const Cards = ({ files, open }: CardsProps): VNode => html`
  <ul class="cards">
    ${files.map(
      file => html`
        <li key=${file.id}>
          <button
            class="card"
            type="button"
            data-file=${file.id}
            aria-keyshortcuts="Delete"
            onClick=${() => open(file)}
            onKeyDown=${(event: KeyboardEvent) => onKey(event, file)}
          >
            <${Thumbnail} file=${file} />
            <bdi class="name">${file.title}</bdi>
            <span class="facts">
              ${formatBytes(file.sizeBytes)}
              <span class="shelf" data-shelf=${file.shelf}>${SHELF_NAMES[file.shelf]}</span>
            </span>
          </button>
        </li>
      `,
    )}
  </ul>
`;

function onKey(event: KeyboardEvent, file: FileView): void {
  const card = event.currentTarget as HTMLElement;
  if (event.key === 'Delete') {
    neighbour(card, 'ArrowRight')?.focus();
    void import('./actions.ts').then(({ remove }) => remove(file));
  } else {
    const next = neighbour(card, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

/** The card in that direction, by where they are on the screen. */
function neighbour(card: HTMLElement, key: string): HTMLElement | undefined {
  const cards = [...document.querySelectorAll<HTMLElement>('.card')];
  const at = cards.indexOf(card);
  const { left, top } = card.getBoundingClientRect();
  const isInColumn = (other: HTMLElement): boolean => Math.abs(other.getBoundingClientRect().left - left) < 2;
  switch (key) {
    case 'ArrowRight':
      return cards[at + 1];
    case 'ArrowLeft':
      return cards[at - 1];
    case 'ArrowDown':
      return cards.find(other => isInColumn(other) && other.getBoundingClientRect().top > top);
    case 'ArrowUp':
      return cards.findLast(other => isInColumn(other) && other.getBoundingClientRect().top < top);
    case 'Home':
      return cards[0];
    case 'End':
      return cards.at(-1);
    default:
      return undefined;
  }
}
