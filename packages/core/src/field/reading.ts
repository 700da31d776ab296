import { canGivePaths, FieldFileError, type OpenedObject, type Storage } from '@fieldfile/storage';
import { ofField, readingField } from './of-field.ts';

/** @throws `unsupported` where objects are no files of this machine. */
export function localPath(storage: Storage, name: string, label: string): string {
  try {
    if (canGivePaths(storage)) return storage.path(name);
    throw unsupported(storage, name, 'path', 'keeps no files on this machine');
  } catch (error) {
    throw ofField(error, label);
  }
}

const unsupported = (storage: Storage, name: string, operation: string, why: string): FieldFileError =>
  new FieldFileError(
    'unsupported',
    `Storage "${storage.id}" ${why} (${operation} of ${JSON.stringify(name)}).`,
    {
      operation,
      storage: storage.id,
      name,
    },
  );

/** A body that is opened when its first chunk is asked for. */
export function lazyBody(
  open: () => Promise<OpenedObject>,
  label: string,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let opened: OpenedObject | undefined;
  let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  return new ReadableStream(
    {
      async pull(controller) {
        opened ??= await open();
        reader ??= opened.stream.getReader();
        const { done, value } = await readingField(label, reader.read.bind(reader));
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await opened?.[Symbol.asyncDispose]();
      },
    },
    { highWaterMark: 0 },
  );
}
