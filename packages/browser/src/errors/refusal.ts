import type { Answer } from '../transport/send.ts';
import { UploadError } from './upload-error.ts';

/** The error that an answer stands for: problem details (RFC 9457) where the server gave them, else its status alone. */
export function refusal(answer: Answer): UploadError {
  const { status } = answer;
  const { code, title } = problemOf(answer);
  return new UploadError(
    code ?? (status < 500 ? 'refused' : 'failed'),
    `The server answered ${status}${title === undefined ? '' : `: ${title}`}.`,
    { status, retryable: isPassing(status), retryAfterSeconds: secondsOf(answer.header('retry-after')) },
  );
}

/** An answer that the server which was asked does not give: something between has answered in its place. */
export function unexpected(answer: Answer, wanted: string): UploadError {
  return new UploadError(
    'unexpected-answer',
    `The server answered ${answer.status} without ${wanted}: something else may have answered.`,
    { status: answer.status, retryable: true },
  );
}

/** What is over by itself: too slow, too early, too many, locked, and faults of servers that are not for good. */
function isPassing(status: number): boolean {
  return [408, 423, 425, 429].includes(status) || (status >= 500 && ![501, 505, 507].includes(status));
}

/** @returns nothing where the answer is a page of HTML, XML of a bucket or anything else. */
function problemOf({ text }: Answer): { readonly code?: string; readonly title?: string } {
  try {
    const { code, title } = (JSON.parse(text) ?? {}) as { readonly code?: unknown; readonly title?: unknown };
    return {
      ...(typeof code === 'string' && /^[a-z][a-z-]{0,63}$/.test(code) ? { code } : {}),
      ...(typeof title === 'string' ? { title: title.slice(0, 200) } : {}),
    };
  } catch {
    return {};
  }
}

/** `Retry-After` as seconds or as a date. */
function secondsOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
