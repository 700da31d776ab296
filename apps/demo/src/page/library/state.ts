import type { FileView, LibraryEvent, LibraryView, ShelfView } from '../../library/file-view.ts';
import { request } from '../api.ts';
import { createStore, type Store } from '../store.ts';

export interface LibraryState {
  readonly connection: 'connecting' | 'live' | 'lost';
  readonly shelves: readonly ShelfView[];
  readonly files: ReadonlyMap<string, FileView>;
}

/** What everybody sees: the server tells of every change, whoever made it. */
export const library: Store<LibraryState> = createStore<LibraryState>({
  connection: 'connecting',
  ...stateOf(JSON.parse(document.querySelector('#library')?.textContent ?? '') as LibraryView),
});

/** Listens to the server for as long as the page is open. */
export function connect(): void {
  const events = new EventSource('/api/events');
  // Whatever was missed while there was no connection is in what is loaded now.
  events.addEventListener('ready', () => void load());
  events.addEventListener('message', ({ data }) => apply(JSON.parse(data) as LibraryEvent));
  events.addEventListener('error', () => library.update(state => ({ ...state, connection: 'lost' })));
}

async function load(): Promise<void> {
  try {
    const view = await request<LibraryView>('GET', '/api/library');
    library.update(() => ({ connection: 'live', ...stateOf(view) }));
  } catch {
    library.update(state => ({ ...state, connection: 'lost' }));
  }
}

/** What the server tells of the library: the page comes with it, so that there is something to see at once. */
function stateOf({ shelves, files }: LibraryView): Omit<LibraryState, 'connection'> {
  return { shelves, files: new Map(files.map(file => [file.id, file])) };
}

export function apply(event: LibraryEvent): void {
  library.update(state => {
    const files = new Map(state.files);
    if (event.kind === 'removed') files.delete(event.id);
    else for (const file of event.kind === 'shelf' ? event.files : [event.file]) put(files, file);
    const shelves =
      event.kind === 'shelf'
        ? [...state.shelves.filter(({ name }) => name !== event.shelf.name), event.shelf]
        : state.shelves;
    return { ...state, files, shelves };
  });
}

/** Answers and events may come in another order than the changes were made. */
function put(files: Map<string, FileView>, file: FileView): void {
  const known = files.get(file.id);
  if (!known || known.version <= file.version) files.set(file.id, file);
}
