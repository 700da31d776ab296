import type { Upload, Uploaded } from '@fieldfile/browser';
import type { FileView, ShelfView } from '../../library/file-view.ts';
import { ApiError, request } from '../api.ts';
import type { Sending } from './send-file.ts';

/** An upload that can be held up, and goes on where it was: also after a reload, when the same file is chosen again. */
export interface PausableSending extends Sending {
  pause(): void;
  resume(): void;
}

/** Sends a large file in parts, to a session or piece by piece. Then the server makes a row of what is there. */
export function sendInPieces(
  shelf: string,
  way: ShelfView['largeFiles'],
  file: File,
  onProgress: (sentBytes: number) => void,
): PausableSending {
  const aborting = new AbortController();
  let uploading: Upload<Uploaded> | undefined;
  return {
    done: send(),
    cancel: () => aborting.abort(),
    pause: () => uploading?.pause(),
    resume: () => uploading?.resume(),
  };

  async function send(): Promise<FileView> {
    const { upload, UploadError } = await import('@fieldfile/browser').catch(() => {
      throw new ApiError('unreachable');
    });
    try {
      uploading = upload(file, {
        ...(way === 'piece by piece' ? { tus: `/uploads/${shelf}/` } : { claim: `/claims/${shelf}` }),
        onProgress: ({ sentBytes }) => onProgress(sentBytes),
        signal: aborting.signal,
      });
      const { token } = await uploading;
      return await request('POST', `/api/library/${shelf}/uploaded`, { title: file.name, token });
    } catch (error) {
      if (aborting.signal.aborted) throw new ApiError('aborted');
      if (!(error instanceof UploadError)) throw error;
      throw new ApiError(error.code === 'network' ? 'unreachable' : error.code);
    }
  }
}
