// An own class: the accessor is written out, so that nothing can shadow it, and takes what its setter says.
import {
  adopt,
  defineFiles,
  type FieldFile,
  type FileField,
  type FileInput,
  file,
  noFile,
  upload,
} from '@fieldfile/core';

export class Report {
  id = 0;

  get pdf(): FieldFile<Report> {
    return reports.pdf.of(this);
  }

  set pdf(input: FileInput) {
    reports.pdf.set(this, input);
  }
}

const reports: { readonly pdf: FileField<Report, never, 'pdf'> } = defineFiles(Report, {
  pdf: { uploadTo: 'reports/%Y/%m/' },
});

export async function whatCanBeAssigned(report: Report, other: Report, incoming: File): Promise<void> {
  report.pdf = incoming;
  report.pdf = file('hello', 'a.txt');
  report.pdf = file(incoming);
  report.pdf = adopt('reports/old.pdf');
  report.pdf = other.pdf;
  report.pdf = null;
  report.pdf = noFile;
  await upload(report);
  await upload([report, other], { concurrency: 2 });
}

export function whatCannot(report: Report, request: { readonly pdf: string }): void {
  // @ts-expect-error a name out of a request is not a file
  report.pdf = request.pdf;
  // @ts-expect-error nor is a path
  report.pdf = { path: '/etc/passwd' };
  // @ts-expect-error a Blob has no name
  report.pdf = new Blob([]);
  // @ts-expect-error nor have bytes
  report.pdf = new Uint8Array();
  // @ts-expect-error undefined stands for a column that was not loaded
  report.pdf = undefined;
}
