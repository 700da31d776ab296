// What `file()` takes: content, and a name where the content has none.
import { adopt, type FieldFile, file, type NewFile, noFile } from '@fieldfile/core';
import { fromPath } from '@fieldfile/core/node';

export function named(incoming: File, blob: Blob, stored: FieldFile['stored']): readonly NewFile[] {
  if (!stored) return [noFile];
  return [
    file(incoming),
    file(incoming, 'other.png', { contentType: 'image/png' }),
    file(blob, 'a.png'),
    file(stored),
    file(stored, 'copy.png'),
    file(fromPath('/tmp/report.pdf', { consume: true })),
    file('text', 'a.txt'),
    file(new Uint8Array(), 'a.bin'),
    file(blob.stream(), 'a.bin'),
    file([new Uint8Array()], 'a.bin'),
    adopt('reports/a.pdf'),
  ];
}

export function nameless(blob: Blob, handle: FieldFile): void {
  // @ts-expect-error a Blob has no name
  file(blob);
  // @ts-expect-error nor has text
  file('text');
  // @ts-expect-error nor has a stream
  file(blob.stream());
  // @ts-expect-error there may be no file to copy
  file(handle);
  // @ts-expect-error { path } from JSON is no content
  file({ path: '/etc/passwd' }, 'passwd');
  // @ts-expect-error nor is a number
  file(1, 'one');
}
