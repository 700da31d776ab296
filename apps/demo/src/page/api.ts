/** The server refused something. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** As `conflict`, `not-found`; `unreachable` where there was no answer. */
  readonly code: string;

  constructor(code: string) {
    super(MESSAGES[code] ?? 'That did not work.');
    this.code = code;
  }
}

/** What each code means to the person who reads it. */
const MESSAGES: Readonly<Record<string, string>> = {
  unreachable: 'The server cannot be reached.',
  conflict: 'Somebody else changed this file in the meantime.',
  'not-found': 'This file is not there any more.',
  'no-file': 'This file is not there any more.',
  'not-accepted': 'The content is not what its name or type says.',
  'too-large': 'The file is too large.',
  'no-space': 'The storage is full.',
  'too-slow': 'The file came too slowly.',
  'suspicious-name': 'This name cannot be used.',
  'invalid-argument': 'This name cannot be used.',
  backend: 'The storage cannot be reached.',
  throttled: 'The storage is busy. Try again in a moment.',
  timeout: 'The storage did not answer.',
  permission: 'This is not allowed any more.',
};

/** @throws ApiError. */
export async function request<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError('unreachable');
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(codeOf(answer));
  return answer as Answer;
}

/** The code in problem details. */
export const codeOf = (answer: unknown): string =>
  typeof answer === 'object' && answer !== null && 'code' in answer ? String(answer.code) : 'unknown';
