import { ApiError, codeOf } from '../api.ts';

/** Asks for something that takes its time, and gives what the server tells meanwhile. @throws ApiError. */
export async function* jsonLines<Line>(path: string): AsyncGenerator<Line, void, undefined> {
  const response = await fetch(path, { method: 'POST' }).catch(unreachable);
  if (!response.ok || !response.body) throw new ApiError(codeOf(await response.json().catch(() => ({}))));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read().catch(unreachable);
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as Line;
  }
}

const unreachable = (): never => {
  throw new ApiError('unreachable');
};
