import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The collector shows itself to contexts made after the flag was set. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc: () => void = runInNewContext('gc');
  gc();
}
