import type { Patience } from '../control/attempts.ts';
import type { Control } from '../control/control.ts';
import { type Answer, type Call, send } from '../transport/send.ts';
import { atLeast } from './at-least.ts';
import type { UploadOptions } from './options.ts';

/** What all ways of uploading work with. */
export interface Context {
  /** What the caller gave: a `File` has a name and a date. */
  readonly chosen: Blob;
  /** Its content when the upload began. */
  readonly file: Blob;
  readonly filename: string;
  /** Empty where nobody knows it. */
  readonly contentType: string;
  readonly control: Control;
  readonly patience: Patience;
  readonly idleSeconds: number;
  /** What the caller wants the application's server to have. */
  own(): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly credentials: boolean }>;
  /** Asks the application's server, with the headers and cookies that the caller wants it to have. */
  ask(call: Omit<Call, 'credentials' | 'idleSeconds'>): Promise<Answer>;
  /** Sends a body, and tells how far it is. */
  transfer(call: Call): Promise<Answer>;
}

export function contextOf(chosen: Blob, control: Control, options: UploadOptions): Context {
  const { headers = {}, credentials = false } = options;
  const { filename = nameOf(chosen) ?? 'file', contentType = chosen.type } = options;
  // Chromium reads a chosen file as it is on the disk by then, and each part as it was when that was sliced off.
  const file = chosen.slice(0, chosen.size, chosen.type);
  const idleSeconds = atLeast(0, { idleSeconds: options.idleSeconds ?? 60 });
  const transfer = async (call: Call): Promise<Answer> => {
    const request = {};
    try {
      return await send({
        ...call,
        onSent: bytes => {
          control.sending(request, bytes);
          call.onSent?.(bytes);
        },
      });
    } finally {
      control.sending(request, 0);
    }
  };
  const own = async () => ({
    headers: typeof headers === 'function' ? await headers() : headers,
    credentials,
  });
  return {
    ...{ chosen, file, filename, contentType, control, idleSeconds, transfer },
    patience: {
      attempts: atLeast(1, { attempts: options.attempts ?? 12 }),
      backOffSeconds: atLeast(0, { backOffSeconds: options.backOffSeconds ?? 0.5 }),
    },
    own,
    ask: async call => {
      const { headers } = await own();
      return transfer({ ...call, idleSeconds, credentials, headers: { ...headers, ...call.headers } });
    },
  };
}

export const nameOf = (file: Blob): string | undefined =>
  'name' in file && typeof file.name === 'string' ? file.name : undefined;
