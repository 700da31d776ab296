import type { Progress } from '../control/progress.ts';
import type {
  ChosenUploadOptions,
  ClaimedUploadOptions,
  ResumableUploadOptions,
  Upload,
  Uploaded,
} from '../upload/options.ts';
import { upload } from '../upload/upload.ts';
import { accepts } from './accepts.ts';
import { FLAGS, reflectAttributes, STRINGS, takeEarlyProperties } from './attributes.ts';
import { takeDrops } from './drop-target.ts';
import { ListedFile, type ListHost, type UploadedFile } from './listed-file.ts';
import { make } from './make.ts';
import { styles } from './styles.ts';
import { ENGLISH, type FileUploadTexts } from './texts.ts';
import { Uploads } from './uploads.ts';
import { validityOf } from './validity.ts';

/** How a server without elements loads this module: nothing of it runs there. */
const Base: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** What `upload` takes, but for what the element sees to itself. */
export type FileUploadOptions = Partial<
  Omit<
    ClaimedUploadOptions & ResumableUploadOptions & ChosenUploadOptions,
    'onProgress' | 'signal' | 'filename'
  >
>;

/** Someone who listens is told how far it is no more often than that. */
const ANNOUNCED_MS = 4000;

/**
 * `<file-upload>`: a control of a form whose value is the token of the file that was uploaded; with `multiple` the tokens of
 * all. A form is not sent while a file is on its way.
 *
 * Events: `change` when the tokens have changed; `upload-progress`, whose `detail` is the `Progress` of all files; and
 * `upload-error`, whose `detail` is `{ file, error }`.
 *
 * @example
 * ```ts
 * import '@fieldfile/browser/element';
 *
 * const element = document.createElement('file-upload');
 * element.options = { claim: '/claims', headers: { 'x-album': '7' } };
 * element.addEventListener('change', () => console.log(element.tokens));
 * ```
 */
export class FileUpload extends Base {
  static readonly formAssociated = true;
  static readonly observedAttributes: readonly string[] = [...FLAGS, ...STRINGS];

  /** Each is the attribute of its name. */
  declare name: string;
  declare claim: string;
  declare tus: string;
  declare accept: string;
  declare label: string;
  declare multiple: boolean;
  declare required: boolean;
  declare disabled: boolean;

  #options: FileUploadOptions = {};
  #texts: FileUploadTexts = ENGLISH;
  readonly #internals = this.attachInternals();
  readonly #root: ShadowRoot;
  readonly #group: HTMLElement = make('div', { part: 'group', role: 'group' });
  readonly #input: HTMLInputElement = make('input', { type: 'file', hidden: '' });
  readonly #button: HTMLButtonElement = make('button', {
    part: 'button',
    type: 'button',
    'aria-describedby': 'hint',
  });
  readonly #hint: HTMLElement = make('span', { part: 'hint', id: 'hint' });
  readonly #list: HTMLElement = make('ul', { part: 'list' });
  readonly #status: HTMLElement = make('p', { part: 'status', role: 'status' });
  readonly #host: ListHost = {
    texts: () => this.#texts,
    begin: (file, signal, onProgress) => this.#begin(file, signal, onProgress),
    changed: file => this.#changed(file),
    remove: file => this.#remove(file),
  };
  readonly #uploads = new Uploads(this.#list);
  #tokens: readonly string[] = [];
  #ownMessage = '';
  #announcedAt = 0;
  #isFieldsetDisabled = false;

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    this.#root.adoptedStyleSheets = [styles()];
    const drop = make('div', { part: 'drop' }, this.#button, this.#hint, this.#input);
    this.#group.append(drop, this.#list, this.#status);
    this.#root.append(this.#group);
    this.#button.addEventListener('click', () => this.#input.click());
    this.#input.addEventListener('change', () => {
      this.#add([...(this.#input.files ?? [])]);
      this.#input.value = ''; // so that the same file can be chosen again
    });
    // The click of a label is one on the element itself.
    this.addEventListener('click', event => {
      if (event.composedPath()[0] === this && !this.#isDisabled) this.#input.click();
    });
    this.addEventListener('focusin', () => this.#name());
    const { states } = this.#internals;
    takeDrops(this, {
      isDisabled: () => this.#isDisabled,
      hover: isOver => void (isOver ? states.add('dragging') : states.delete('dragging')),
      take: (files, folders) => this.#add(files, folders),
    });
  }

  /** What `upload` is to be told beside the attributes, such as `headers`. It goes before them. */
  get options(): FileUploadOptions {
    return this.#options;
  }

  set options(options: FileUploadOptions | undefined) {
    this.#options = options ?? {};
  }

  /** What it says, where that is to be something else than it is in English. */
  get texts(): FileUploadTexts {
    return this.#texts;
  }

  set texts(texts: Partial<FileUploadTexts> | undefined) {
    this.#texts = { ...ENGLISH, ...texts };
    this.#render();
  }

  /** Of the files that were uploaded, in the order of the list. */
  get tokens(): readonly string[] {
    return this.#tokens;
  }

  /** The token; of several files the first. Empty where there is none. */
  get value(): string {
    return this.#tokens[0] ?? '';
  }

  get type(): string {
    return this.localName;
  }

  get form(): HTMLFormElement | null {
    return this.#internals.form;
  }

  get labels(): NodeList {
    return this.#internals.labels;
  }

  get validity(): ValidityState {
    return this.#internals.validity;
  }

  get validationMessage(): string {
    return this.#internals.validationMessage;
  }

  get willValidate(): boolean {
    return this.#internals.willValidate;
  }

  checkValidity(): boolean {
    return this.#internals.checkValidity();
  }

  reportValidity(): boolean {
    return this.#internals.reportValidity();
  }

  setCustomValidity(message: string): void {
    this.#ownMessage = message;
    this.#validate();
  }

  connectedCallback(): void {
    takeEarlyProperties(this, [...FLAGS, ...STRINGS, 'options', 'texts']);
    this.#render();
  }

  disconnectedCallback(): void {
    // It may only be moved. One that is gone has no form to give a token to.
    queueMicrotask(() => {
      if (!this.isConnected) this.#clear();
    });
  }

  attributeChangedCallback(): void {
    this.#render();
  }

  formDisabledCallback(isDisabled: boolean): void {
    this.#isFieldsetDisabled = isDisabled;
    this.#render();
  }

  formResetCallback(): void {
    this.#clear();
  }

  formStateRestoreCallback(state: unknown): void {
    if (typeof state !== 'string') return;
    this.#clear();
    this.#show((JSON.parse(state) as UploadedFile[]).map(file => new ListedFile(file, this.#host)));
    this.#update();
  }

  get #isDisabled(): boolean {
    return this.disabled || this.#isFieldsetDisabled;
  }

  /** @param refused Names of what cannot be uploaded. */
  #add(chosen: readonly File[], refused: readonly string[] = []): void {
    const accepted = chosen.filter(file => accepts(this.accept, file));
    const names = [...refused, ...chosen.filter(file => !accepted.includes(file)).map(({ name }) => name)];
    const taken = this.multiple ? accepted : accepted.slice(0, 1);
    if (taken.length > 0 && !this.multiple) this.#clear();
    this.#show(taken.map(file => new ListedFile(file, this.#host)));
    this.#hint.textContent = names.map(name => this.#texts.notAccepted(name)).join(' ') || this.#hintText;
    if (names.length > 0) this.#announce(this.#hint.textContent);
    this.#uploads.startNext();
    this.#update();
  }

  #show(files: readonly ListedFile[]): void {
    this.#uploads.add(files);
    for (const file of files) file.disable(this.#isDisabled);
  }

  #begin(file: File, signal: AbortSignal, onProgress: (progress: Progress) => void): Upload<Uploaded> {
    const { claim, tus } = this;
    const where = { ...(claim === '' ? {} : { claim }), ...(tus === '' ? {} : { tus }) };
    return upload(file, { ...where, ...this.#options, signal, onProgress } as ChosenUploadOptions);
  }

  #changed(file: ListedFile): void {
    const { name, state, stateText, error } = file;
    const isNews = state !== 'uploading' && state !== 'waiting';
    if (isNews || Date.now() - this.#announcedAt > ANNOUNCED_MS) this.#announce(`${name}: ${stateText}`);
    if (state === 'failed') this.#tell('upload-error', { file: name, error });
    if (state !== 'uploading') this.#uploads.startNext();
    this.#tell('upload-progress', this.#uploads.progress);
    this.#update();
  }

  #remove(file: ListedFile): void {
    this.#button.focus();
    this.#uploads.remove(file);
    this.#announce(this.#texts.removed(file.name));
    this.#uploads.startNext();
    this.#update();
  }

  #clear(): void {
    this.#uploads.clear();
    this.#announcedAt = 0;
    this.#status.textContent = '';
    this.#update();
  }

  /** The value, what is kept of it, and whether a form may be sent. */
  #update(): void {
    const { uploaded } = this.#uploads;
    const tokens = uploaded.map(({ token }) => token);
    const entries = new FormData();
    for (const token of tokens) entries.append(this.name, token);
    const isSent = this.name !== '' && tokens.length > 0;
    this.#internals.setFormValue(isSent ? entries : null, JSON.stringify(uploaded));
    this.#validate();
    const isSame = JSON.stringify(tokens) === JSON.stringify(this.#tokens);
    this.#tokens = tokens;
    if (!isSame) this.dispatchEvent(new Event('change', { bubbles: true }));
  }

  #validate(): void {
    const wanted = { required: this.required, message: this.#ownMessage };
    const { flags, message } = validityOf(this.#uploads.files, wanted, this.#texts);
    this.#internals.setValidity(flags, message, this.#button);
  }

  #tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #announce(text: string): void {
    this.#announcedAt = Date.now();
    this.#status.textContent = text;
  }

  get #hintText(): string {
    return this.#texts.drop(this.multiple);
  }

  #render(): void {
    this.#input.accept = this.accept;
    this.#input.multiple = this.multiple;
    this.#button.textContent = this.#texts.choose(this.multiple);
    this.#button.disabled = this.#isDisabled;
    for (const file of this.#uploads.files) file.disable(this.#isDisabled);
    this.#hint.textContent = this.#hintText;
    this.#name();
    this.#update();
  }

  /** The text of its label, which is outside of what it is made of, names the group. */
  #name(): void {
    const labels = [...this.#internals.labels].map(({ textContent }) => textContent?.trim() ?? '');
    this.#group.setAttribute('aria-label', labels.join(' ') || this.label || this.name);
  }
}

reflectAttributes(FileUpload.prototype);
