import { formatBytes, formatCount, formatDuration } from './format.ts';
import { mark } from './progress.ts';
import { type Step, type StorageReport, steps } from './storage-report.ts';

const MAX_FAILURES_SHOWN = 10;
const SMALL_FILE_BYTES = 64 * 1024;

/** The closing table, what failed, and the verdict. */
export function summary(
  reports: readonly StorageReport[],
  run: { readonly keep: boolean; readonly milliseconds: number },
): string {
  const failures = reports.flatMap(failureLines);
  return [table(reports), ...(failures.length > 0 ? ['', ...failures] : []), '', verdict(reports, run)].join(
    '\n',
  );
}

function table(reports: readonly StorageReport[]): string {
  const row = (label: string, cell: (report: StorageReport) => string): string[] => [
    label,
    ...reports.map(cell),
  ];
  const rows = [
    row('', report => report.storage),
    row('kept by', report => report.place),
    row('files', report => report.files.toLocaleString('en')),
    row('content', report => formatBytes(report.bytes)),
    ...steps.flatMap(step => [
      row(LABELS[step], report => duration(report, step)),
      row('', report => rate(report, step)),
    ]),
    row('peak RSS', report => formatBytes(report.peakRssBytes)),
    row('objects left', report => report.objectsLeft?.toLocaleString('en') ?? '?'),
    row('checks failed', report => report.failures.length.toLocaleString('en')),
  ];
  const widths = Array.from({ length: reports.length + 1 }, (_, column) =>
    Math.max(...rows.map(cells => cells[column]?.length ?? 0)),
  );
  return rows
    .map(([label = '', ...cells]) =>
      [
        label.padEnd(widths[0] ?? 0),
        ...cells.map((cell, index) => cell.padStart(widths[index + 1] ?? 0)),
      ].join('   '),
    )
    .join('\n');
}

const LABELS: Readonly<Record<Step, string>> = {
  save: 'save',
  read: 'read back',
  url: 'fetch signed URL',
  replace: 'replace every 4th',
  delete: 'delete',
};

function duration({ steps, id }: StorageReport, step: Step): string {
  const figures = steps[step];
  if (figures) return formatDuration(figures.milliseconds);
  return step === 'url' && id !== undefined ? 'signs none' : '–';
}

/** In files where bytes tell little: a deletion moves none, and small files cost a request each. */
function rate({ steps }: StorageReport, step: Step): string {
  const figures = steps[step];
  if (!figures || figures.files === 0) return '';
  const { files, bytes, milliseconds } = figures;
  const seconds = Math.max(1, milliseconds) / 1000;
  if (step === 'delete' || bytes / files < SMALL_FILE_BYTES)
    return `${Math.round(files / seconds).toLocaleString('en')} files/s`;
  return `${formatBytes(bytes / seconds)}/s`;
}

function failureLines({ storage, failures }: StorageReport): string[] {
  const lines = failures
    .slice(0, MAX_FAILURES_SHOWN)
    .map(
      ({ step, file, code, message }) =>
        `${mark(false)} ${storage}, ${step}${file === undefined ? '' : ` ${JSON.stringify(file)}`}: ${message} (${code})`,
    );
  const more = failures.length - lines.length;
  return more > 0 ? [...lines, `  ${storage}: ${more.toLocaleString('en')} more`] : lines;
}

function verdict(
  reports: readonly StorageReport[],
  { keep, milliseconds }: { readonly keep: boolean; readonly milliseconds: number },
): string {
  const failed = reports.reduce((sum, { failures }) => sum + failures.length, 0);
  const [first] = reports;
  const what = `${formatCount(first?.files ?? 0, 'file')} (${formatBytes(first?.bytes ?? 0)}) on ${formatCount(reports.length, 'storage')}`;
  const how =
    failed > 0
      ? `${formatCount(failed, 'check')} failed`
      : `every content came back as it was, and ${keep ? 'every object is where its row says' : 'nothing is left'}`;
  const peak = formatBytes(process.resourceUsage().maxRSS * 1024); // given in kilobytes
  return `${mark(failed === 0)} ${what}: ${how}. ${formatDuration(milliseconds)}, peak RSS ${peak}.`;
}
