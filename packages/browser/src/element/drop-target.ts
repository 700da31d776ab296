export interface Drop {
  /** Nothing is taken now. */
  isDisabled(): boolean;
  /** Something is over it, or not any more. */
  hover(isOver: boolean): void;
  /** @param folders Names of what was dropped and is no file. */
  take(files: readonly File[], folders: readonly string[]): void;
}

/** Has an element take files that are dropped on it. */
export function takeDrops(element: HTMLElement, { isDisabled, hover, take }: Drop): void {
  const filesOf = (event: DragEvent): DataTransfer | undefined => {
    const { dataTransfer } = event;
    if (isDisabled() || !dataTransfer?.types.includes('Files')) return undefined;
    event.preventDefault();
    return dataTransfer;
  };
  element.addEventListener('dragover', event => {
    const dragged = filesOf(event);
    if (!dragged) return;
    dragged.dropEffect = 'copy';
    hover(true);
  });
  element.addEventListener('dragleave', () => hover(false));
  element.addEventListener('drop', event => {
    hover(false);
    const dropped = filesOf(event);
    if (!dropped) return;
    const folders = [...dropped.items]
      .map(item => item.webkitGetAsEntry())
      .filter(entry => entry?.isDirectory)
      .map(entry => String(entry?.name));
    take(
      [...dropped.files].filter(({ name }) => !folders.includes(name)),
      folders,
    );
  });
}
