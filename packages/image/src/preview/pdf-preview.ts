import { AtATime } from '../processor/at-a-time.ts';
import { findTool } from './find-tool.ts';
import type { Preview } from './preview.ts';
import { nothingDrawn, runTool, THE_FILE } from './run-tool.ts';
import { amount, type PreviewLimits, previewLimits } from './tool-limits.ts';

export interface PdfPreviewOptions extends PreviewLimits {
  /** The longer side of the page that is drawn, in pixels. What is made of it is never larger. Default: 1600. */
  readonly side?: number;
  /** Poppler's program, or its path. Default: `'pdftoppm'`, wherever it is installed. */
  readonly command?: string;
}

/**
 * Draws the first page of a PDF with poppler (`apt install poppler-utils`). It runs no scripts, opens no other files and asks
 * for no password. On Linux and macOS.
 *
 * @throws `invalid-argument` for a limit that is none.
 */
export function pdfPreview(options: PdfPreviewOptions = {}): Preview {
  const { command = 'pdftoppm' } = options;
  const limits = previewLimits(options, 'pdfPreview');
  const side = Math.ceil(amount(options.side ?? 1600, 'pdfPreview: side'));
  const jobs = new AtATime(limits.concurrency);
  return {
    isOf: isPdf,
    draw: ({ input, output, signal }) =>
      jobs.run(async () => {
        const program = await findTool(command, 'apt install poppler-utils');
        const args = ['-q', '-png', '-singlefile', '-f', '1', '-l', '1', '-scale-to', `${side}`, THE_FILE];
        if (!(await runTool({ program, args, input, output, limits, signal }))) throw nothingDrawn(program);
      }),
  };
}

/** Readers also take one that begins later, behind something else: that something else is what the file is. */
const isPdf = (beginning: Uint8Array): boolean =>
  /^(?:\xef\xbb\xbf)?\s{0,8}%PDF-/.test(Buffer.from(beginning.subarray(0, 32)).toString('latin1'));
