import type { Configuration } from './configuration.ts';

/** Which configuration runs: one line that comes and goes on a terminal, in a log one line a process. */
export class Progress {
  readonly #stream: { readonly isTTY?: boolean; write(text: string): unknown };
  readonly #total: number;
  #begun = 0;

  constructor(stream: { readonly isTTY?: boolean; write(text: string): unknown }, total: number) {
    this.#stream = stream;
    this.#total = total;
  }

  /** Undefined: that was the last. */
  next(configuration: Configuration | undefined): void {
    if (!configuration) return;
    const { ownership, pattern, loop, flags, size, iterations } = configuration;
    const handles = ownership === 'bare' ? '' : ` ${pattern},`;
    const defaults = flags === 'default' ? " V8's defaults," : '';
    const text = `[${++this.#begun}/${this.#total}] ${ownership},${handles}${defaults} ${loop}: ${iterations} × ${size.label}`;
    this.#stream.write(this.#stream.isTTY ? `\r${text}` : `${text}\n`);
  }

  /** Makes room for other output. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }
}
