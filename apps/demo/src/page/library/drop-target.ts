import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.ts';

/** Files can be dropped anywhere on the page. */
export function DropTarget({
  onFiles,
}: {
  readonly onFiles: (files: readonly File[]) => void;
}): VNode | null {
  const [isOver, setIsOver] = useState(false);
  const drop = useRef(onFiles);
  drop.current = onFiles;
  useEffect(() => {
    const listening = new AbortController();
    const on = (type: 'dragover' | 'dragleave' | 'drop', listener: (event: DragEvent) => void): void =>
      addEventListener(type, listener, { signal: listening.signal });
    on('dragover', event => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setIsOver(true);
    });
    on('dragleave', ({ relatedTarget }) => relatedTarget === null && setIsOver(false));
    on('drop', event => {
      event.preventDefault(); // or the browser goes away and shows the file
      setIsOver(false);
      drop.current([...(event.dataTransfer?.files ?? [])]);
    });
    return () => listening.abort();
  }, []);
  return isOver ? html`<div class="drop-target">Drop the files to add them</div>` : null;
}
