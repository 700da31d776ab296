import type { ShelfView } from '../../library/file-view.ts';
import { ApiError } from '../api.ts';
import { createStore, type Store } from '../store.ts';
import { type Sending, sendFile } from './send-file.ts';
import { type PausableSending, sendInPieces } from './send-in-pieces.ts';
import { apply, library } from './state.ts';

export interface Upload {
  readonly id: number;
  readonly file: File;
  readonly shelf: string;
  readonly way: 'whole' | ShelfView['largeFiles'];
  readonly state: 'waiting' | 'sending' | 'paused' | 'stored' | 'failed' | 'cancelled';
  readonly sentBytes: number;
  /** Why it failed, and whether it is sent again when the server is back. */
  readonly message?: string;
  readonly isPostponed?: boolean;
}

export interface UploadsState {
  readonly all: readonly Upload[];
  /** Over the last seconds. */
  readonly bytesPerSecond: number;
}

/** Larger files go on where they were cut off. */
const RESUMABLE_BYTES = 16 * 1024 ** 2;

/** A browser has six connections to a server, and the page needs some for itself. */
const AT_ONCE = 3;

export const uploads: Store<UploadsState> = createStore<UploadsState>({ all: [], bytesPerSecond: 0 });

const sendings = new Map<number, Sending | PausableSending>();
let last = 0;

export function uploadFiles(files: Iterable<File>, shelf: string): void {
  const added = [...files].map(
    (file): Upload => ({ id: ++last, file, shelf, way: wayOf(file, shelf), state: 'waiting', sentBytes: 0 }),
  );
  uploads.update(state => ({ ...state, all: [...state.all.filter(isOpen), ...added] }));
  next();
}

export function cancelUpload(id: number): void {
  const sending = sendings.get(id);
  if (sending) sending.cancel();
  else change(id, { state: 'cancelled' });
}

export const isResumable = ({ way }: Upload): boolean => way !== 'whole';

function wayOf(file: File, shelf: string): Upload['way'] {
  if (file.size <= RESUMABLE_BYTES) return 'whole';
  return library.get().shelves.find(({ name }) => name === shelf)?.largeFiles ?? 'piece by piece';
}

/** Holds an upload up, or has it go on. */
export function pauseUpload(id: number, pauses: boolean): void {
  const sending = sendings.get(id);
  if (!sending || !('pause' in sending)) return;
  if (pauses) sending.pause();
  else sending.resume();
  change(id, { state: pauses ? 'paused' : 'sending' });
}

export function cancelUploads(all: readonly Upload[]): void {
  // The last first: the end of one begins the next that waits.
  for (const { id } of all.toReversed()) cancelUpload(id);
}

export function retryUploads(): void {
  uploads.update(state => ({
    ...state,
    all: state.all.map(upload =>
      upload.state === 'failed' ? { ...upload, state: 'waiting', sentBytes: 0, isPostponed: false } : upload,
    ),
  }));
  next();
}

export const forgetUploads = (): void =>
  uploads.update(state => ({
    ...state,
    all: state.all.filter(isUnderWay),
  }));

export const isUnderWay = ({ state }: Upload): boolean =>
  state === 'waiting' || state === 'sending' || state === 'paused';

const isOpen = ({ state }: Upload): boolean => state !== 'stored' && state !== 'cancelled';

const change = (id: number, values: Partial<Upload>): void =>
  uploads.update(state => ({
    ...state,
    all: state.all.map(upload => (upload.id === id ? { ...upload, ...values } : upload)),
  }));

function next(): void {
  for (const upload of uploads.get().all) {
    if (sendings.size >= AT_ONCE) return;
    if (upload.state === 'waiting') void send(upload);
  }
}

async function send(upload: Upload): Promise<void> {
  const { id, file, shelf, way } = upload;
  const onProgress = (sent: number): void => void sentBytes.set(id, sent);
  const sending =
    way === 'whole'
      ? sendFile('POST', `/api/library/${shelf}`, file, onProgress)
      : sendInPieces(shelf, way, file, onProgress);
  sendings.set(id, sending);
  change(id, { state: 'sending' });
  measure();
  try {
    apply({ kind: 'changed', file: await sending.done });
    change(id, { state: 'stored', sentBytes: file.size });
  } catch (error) {
    const { code, message } = error instanceof ApiError ? error : new ApiError('unknown');
    change(
      id,
      code === 'aborted'
        ? { state: 'cancelled' }
        : { state: 'failed', message, isPostponed: code === 'unreachable' },
    );
  } finally {
    sendings.delete(id);
    sentBytes.delete(id);
    next();
  }
}

/** How far those have come that are being sent: shown a few times a second, however often the browser tells. */
const sentBytes = new Map<number, number>();
const MEASURE_MS = 250;
let timer: ReturnType<typeof setInterval> | undefined;

function measure(): void {
  if (timer !== undefined) return;
  let before = totalSent();
  timer = setInterval(() => {
    uploads.update(state => ({
      ...state,
      all: state.all.map(upload =>
        sentBytes.has(upload.id) ? { ...upload, sentBytes: sentBytes.get(upload.id) ?? 0 } : upload,
      ),
    }));
    const now = totalSent();
    const rate = Math.max(0, now - before) * (1000 / MEASURE_MS);
    before = now;
    uploads.update(state => ({ ...state, bytesPerSecond: state.bytesPerSecond * 0.8 + rate * 0.2 }));
    if (sendings.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }, MEASURE_MS);
}

const totalSent = (): number => uploads.get().all.reduce((sum, upload) => sum + upload.sentBytes, 0);

// What could not be sent because the server was gone is sent when it is back.
let wasLost = false;
setInterval(() => {
  const isLost = library.get().connection === 'lost';
  if (wasLost && !isLost && uploads.get().all.some(({ isPostponed }) => isPostponed)) retryUploads();
  wasLost = isLost;
}, 500);
