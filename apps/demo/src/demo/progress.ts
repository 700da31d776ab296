import { styleText } from 'node:util';
import { formatBytes, formatCount, formatDuration } from './format.ts';

/** Files and bytes of their contents. */
export interface Amount {
  readonly files: number;
  readonly bytes: number;
}

/** Tells that so much more is done. */
export type Count = (done: Partial<Amount>) => void;

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const REDRAW_MILLISECONDS = 50;
const BAR_WIDTH = 20;
const TITLE_WIDTH = 6;

/** What is under way: on a terminal one line that is drawn again and again, in a log a line for each step. */
export class Progress {
  readonly #screen: Screen;
  #title = '';
  /** Steps that are done, and how long each took. */
  #done: string[] = [];
  #drawnAt = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** @param place what is waited for before the first step. */
  begin(title: string, place = ''): void {
    this.#title = title;
    this.#done = [];
    this.#draw(place);
  }

  /** @param total where it is known. */
  async step<T>(name: string, total: Amount | undefined, work: (count: Count) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const done = { files: 0, bytes: 0 };
    const draw = (): void =>
      this.#draw(`${name.padEnd(7)} ${state(done, total, performance.now() - startedAt)}`);
    draw();
    const result = await work(({ files = 0, bytes = 0 }) => {
      done.files += files;
      done.bytes += bytes;
      if (performance.now() - this.#drawnAt > REDRAW_MILLISECONDS) draw();
    });
    const duration = formatDuration(performance.now() - startedAt);
    this.#done.push(`${name} ${duration}`);
    if (!this.#screen.isTTY)
      this.#screen.write(
        `${this.#title}: ${name}, ${passed(done, total)}, ${formatBytes(done.bytes)}, ${duration}\n`,
      );
    return result;
  }

  /** The line stays as it is at the end. */
  end(passed: boolean): void {
    const text = [this.#title.padEnd(TITLE_WIDTH), ...this.#done].join('  ');
    if (this.#screen.isTTY) this.#screen.write(`\r\x1b[K${mark(passed)} ${this.#fitting(text)}\n`);
    else if (!passed) this.#screen.write(`${this.#title}: failed\n`);
  }

  /** Makes room for other output. */
  clear(): void {
    if (this.#screen.isTTY) this.#screen.write('\r\x1b[K');
  }

  #draw(state: string): void {
    this.#drawnAt = performance.now();
    if (!this.#screen.isTTY) return;
    this.#screen.write(`\r\x1b[K  ${this.#fitting(`${this.#title.padEnd(TITLE_WIDTH)}  ${state}`)}`);
  }

  /** A line that wraps cannot be drawn over. */
  #fitting(text: string): string {
    return text.slice(0, (this.#screen.columns ?? 80) - 3);
  }
}

/** How a check ended, as one character. Coloured where the terminal has colours and `NO_COLOR` does not forbid it. */
export function mark(passed: boolean): string {
  return passed ? styleText('green', '✔') : styleText('red', '✘');
}

/** `12 of 14 files` where some failed. */
function passed(done: Amount, total: Amount | undefined): string {
  const of = total && total.files !== done.files ? `${done.files.toLocaleString('en')} of ` : '';
  return `${of}${formatCount(total?.files ?? done.files, 'file')}`;
}

function state(done: Amount, total: Amount | undefined, milliseconds: number): string {
  const rate = `${formatBytes((done.bytes / Math.max(1, milliseconds)) * 1000)}/s`;
  if (!total) return `${formatCount(done.files, 'file')}, ${formatBytes(done.bytes)}, ${rate}`;
  // A file counts as a byte more, so that the bar also moves through empty ones.
  const share = (done.files + done.bytes) / Math.max(1, total.files + total.bytes);
  const filled = Math.min(BAR_WIDTH, Math.max(0, Math.round(share * BAR_WIDTH)));
  return `▕${'█'.repeat(filled).padEnd(BAR_WIDTH)}▏ ${done.files}/${total.files}  ${rate}`;
}
