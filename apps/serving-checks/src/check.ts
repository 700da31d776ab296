import type { Site } from './site.ts';

/** Whose duty it is: every server's by the standard, or of a server of what users uploaded. */
export type Duty = 'standard' | 'user content';

export interface Check {
  readonly duty: Duty;
  readonly title: string;
  /** One of the 34 that servers have been compared by before. */
  readonly isClassic: boolean;
  /** Rejects where the server fails. */
  readonly run: (site: Site) => Promise<void>;
}

type Table = Readonly<Record<string, (site: Site) => Promise<void>>>;

/** Checks of one duty. A title that begins with `*` is one of the classic ones. */
export const checks = (duty: Duty, table: Table): Check[] =>
  Object.entries(table).map(([title, run]) => ({
    duty,
    title: title.replace(/^\*/, ''),
    isClassic: title.startsWith('*'),
    run,
  }));
