import { canGivePaths, FieldFileError, type OpenedObject, type Storage } from '@fieldfile/storage';

/** @throws `unsupported` where objects are no files of this machine. */
export function localPath(storage: Storage, name: string): string {
  if (canGivePaths(storage)) return storage.path(name);
  throw unsupported(storage, name, 'path', 'keeps no files on this machine');
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
export function lazyBody(open: () => Promise<OpenedObject>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let opened: OpenedObject | undefined;
  let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  return new ReadableStream(
    {
      async pull(controller) {
        opened ??= await open();
        reader ??= opened.body.getReader();
        const { done, value } = await reader.read();
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
