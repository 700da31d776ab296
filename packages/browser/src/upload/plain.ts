import { attempts } from '../control/attempts.ts';
import { again } from '../errors/again.ts';
import { refusal } from '../errors/refusal.ts';
import { UploadError } from '../errors/upload-error.ts';
import type { Answer } from '../transport/send.ts';
import type { Context } from './context.ts';
import type { Answered, PlainUploadOptions } from './options.ts';

/** What a server answers that has not begun with the request. */
const NOT_BEGUN: readonly number[] = [425, 429, 503];

/**
 * Uploads as the body of one request, to the application. It is made again only if the application said that it has not begun
 * with it: a second row would be made otherwise. So a pause does not end it, either.
 */
export async function uploadPlainly(
  context: Context,
  { to, method = 'POST', signal = new AbortController().signal }: PlainUploadOptions,
): Promise<Answered> {
  const { file, filename, contentType, control, patience } = context;
  return attempts(control, file, patience, async () => {
    try {
      const answer = await context.ask({
        ...{ method, url: String(to), body: file, signal },
        headers: {
          'content-disposition': `attachment; filename*=UTF-8''${encoded(filename)}`,
          'content-type': contentType || 'application/octet-stream',
        },
      });
      if (answer.status < 200 || answer.status > 299) throw refusal(answer);
      control.confirm(file.size);
      return { answer: contentOf(answer) };
    } catch (error) {
      if (!(error instanceof UploadError) || NOT_BEGUN.includes(error.status ?? 0)) throw error;
      throw again(error, false);
    }
  });
}

function contentOf(answer: Answer): unknown {
  if (!/\bjson\b/.test(answer.header('content-type') ?? '')) return answer.text;
  try {
    return JSON.parse(answer.text);
  } catch {
    return answer.text;
  }
}

/** As RFC 8187 has it. */
const encoded = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
