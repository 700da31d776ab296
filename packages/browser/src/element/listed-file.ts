import type { Progress } from '../control/progress.ts';
import { UploadError } from '../errors/upload-error.ts';
import type { Upload, Uploaded } from '../upload/options.ts';
import { make } from './make.ts';
import type { FileUploadTexts } from './texts.ts';

/** What the element has a file of its list do. */
export interface ListHost {
  texts(): FileUploadTexts;
  begin(file: File, signal: AbortSignal, onProgress: (progress: Progress) => void): Upload<Uploaded>;
  /** Something of it has changed: its state, its token, or how far it is. */
  changed(file: ListedFile): void;
  remove(file: ListedFile): void;
}

type State = 'waiting' | 'uploading' | 'paused' | 'failed' | 'done';

/** What is kept of a file that was uploaded, for a form that the browser restores. */
export interface UploadedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly token: string;
}

/** A file of the element's list: its row, and its upload. */
export class ListedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly row: HTMLLIElement;
  state: State = 'waiting';
  token: string | undefined;
  error: unknown;
  sentBytes = 0;
  confirmedBytes = 0;
  readonly #file: File | undefined;
  readonly #list: ListHost;
  readonly #text: HTMLElement = make('span', { part: 'state' });
  readonly #progress: HTMLProgressElement = make('progress', { part: 'progress', max: '1' });
  /** Pauses, resumes, or tries again. */
  readonly #toggle: HTMLButtonElement;
  readonly #remove: HTMLButtonElement;
  #abort = new AbortController();
  #upload: Upload<Uploaded> | undefined;

  /** @param chosen The user's file, or one that was uploaded before. */
  constructor(chosen: File | UploadedFile, list: ListHost) {
    const texts = list.texts();
    const isFile = chosen instanceof File;
    this.#file = isFile ? chosen : undefined;
    this.#list = list;
    this.name = chosen.name;
    this.sizeBytes = isFile ? chosen.size : chosen.sizeBytes;
    this.#toggle = make('button', { part: 'action', type: 'button' });
    this.#toggle.addEventListener('click', () => this.#pauseOrGoOn());
    this.#remove = make('button', { part: 'action', type: 'button' });
    this.#remove.addEventListener('click', () => list.remove(this));
    this.#label(this.#remove, texts.remove);
    this.#progress.setAttribute('aria-label', this.name);
    this.row = make(
      'li',
      { part: 'item' },
      make('span', { part: 'name' }, `${this.name} (${texts.size(this.sizeBytes)})`),
      make('span', { part: 'actions' }, this.#toggle, this.#remove),
      this.#text,
      this.#progress,
    );
    if (!isFile) {
      this.token = chosen.token;
      this.state = 'done';
    }
    this.#show();
  }

  /** To be started when it is its turn. */
  wait(): void {
    this.#become('waiting');
  }

  start(): void {
    const file = this.#file;
    if (!file) return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#upload = this.#list.begin(file, signal, ({ sentBytes, confirmedBytes }) => {
      if (signal.aborted) return;
      Object.assign(this, { sentBytes, confirmedBytes });
      this.#become(this.state);
    });
    this.#become('uploading');
    this.#upload.then(
      ({ token }) => {
        this.token = token;
        if (!signal.aborted) this.#become('done');
      },
      (error: unknown) => {
        this.error = error;
        this.#upload = undefined;
        if (!signal.aborted) this.#become('failed');
      },
    );
  }

  /** It is taken from the list. */
  end(): void {
    this.#abort.abort();
  }

  /** @param isDisabled Nobody can do anything with it. */
  disable(isDisabled: boolean): void {
    for (const button of this.row.querySelectorAll('button')) button.disabled = isDisabled;
  }

  get stateText(): string {
    const texts = this.#list.texts();
    if (this.state === 'uploading')
      return texts.uploading(Math.floor((100 * this.sentBytes) / Math.max(1, this.sizeBytes)));
    if (this.state === 'failed')
      return texts.error(this.error instanceof UploadError ? this.error.code : undefined);
    return texts[this.state];
  }

  #label(button: HTMLButtonElement, text: string): void {
    if (button.textContent === text) return;
    button.textContent = text;
    button.setAttribute('aria-label', `${text}: ${this.name}`);
  }

  #pauseOrGoOn(): void {
    if (this.state === 'waiting' || this.state === 'uploading') {
      this.#upload?.pause();
      this.#become('paused');
    } else if (this.state === 'paused' && this.#upload) {
      this.#upload.resume();
      this.#become('uploading');
    } else this.wait();
  }

  #become(state: State): void {
    this.state = state;
    this.#show();
    this.#list.changed(this);
  }

  #show(): void {
    const { state, error } = this;
    const { pause, resume, retry } = this.#list.texts();
    const isRunning = state === 'uploading' || state === 'paused';
    // What is refused is refused again.
    const isFinal = state === 'failed' && error instanceof UploadError && !error.retryable;
    const isOver = state === 'done' || isFinal;
    if (isOver && this.#toggle.matches(':focus')) this.#remove.focus();
    this.#toggle.hidden = isOver;
    this.#label(this.#toggle, state === 'failed' ? retry : state === 'paused' ? resume : pause);
    this.#progress.hidden = !isRunning;
    this.#progress.value = this.sentBytes / Math.max(1, this.sizeBytes);
    this.#text.textContent = this.stateText;
    this.#text.toggleAttribute('data-failed', state === 'failed');
  }
}
