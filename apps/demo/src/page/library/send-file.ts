import type { FileView } from '../../library/file-view.ts';
import { ApiError, codeOf } from '../api.ts';

/** A file on its way. */
export interface Sending {
  readonly done: Promise<FileView>;
  cancel(): void;
}

/** Sends a file. With `fetch` a page cannot see how far an upload has come, so it is the older way. */
export function sendFile(
  method: 'POST' | 'PUT',
  path: string,
  file: File,
  onProgress: (sentBytes: number) => void = () => {},
): Sending {
  const request = new XMLHttpRequest();
  request.open(method, path);
  request.responseType = 'json';
  const done = new Promise<FileView>((resolve, reject) => {
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded));
    request.addEventListener('load', () => {
      if (request.status < 300) resolve(request.response as FileView);
      else reject(new ApiError(codeOf(request.response)));
    });
    request.addEventListener('error', () => reject(new ApiError('unreachable')));
    request.addEventListener('abort', () => reject(new ApiError('aborted')));
  });
  const form = new FormData();
  form.append('title', file.name);
  form.append('file', file);
  request.send(form);
  return { done, cancel: () => request.abort() };
}
