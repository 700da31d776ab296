import type { CampaignReport } from './campaign.ts';
import type { Differences } from './compare.ts';

const LINES: Readonly<Record<keyof Differences, string>> = {
  rowsWithoutObject: 'rows without an object',
  objectsWithoutRow: 'objects without a row',
  wrongContent: 'rows with wrong content',
  lost: 'acknowledged and lost',
  refused: 'refused and seen',
};

/** Kills by step, then what must be zero. */
export function tableOf(report: CampaignReport): string {
  const kills = Object.entries(report.kills);
  const total = kills.reduce((sum, [, count]) => sum + count, 0);
  const differences = Object.entries(LINES) as [keyof Differences, string][];
  const line = (name: string, count: number): string => `${name.padEnd(32)}${String(count).padStart(6)}`;
  return [
    ...kills.map(([step, count]) => line(step, count)),
    line('kills', total),
    '',
    line('stopped past the lease', report.stops),
    ...Object.entries(report.faults).map(([fault, count]) => line(fault, count)),
    line('changes acknowledged', report.acknowledged),
    line('journal entries left', report.left.length),
    ...differences.map(([key, name]) => line(name, report[key].length)),
  ].join('\n');
}

/** The first few of everything that should not be. */
export const detailsOf = (report: CampaignReport): string =>
  [...Object.keys(LINES), 'left', 'complaints']
    .flatMap(key => (report[key as keyof Differences] ?? []).slice(0, 10))
    .join('\n');
